package io.kymo.collector.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kymo.collector.driver.KernelCounter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * HTTP on loopback: {@code /health} answers 200 {@code {"status":"up"}} or 503 with the reason,
 * {@code /metrics} answers Prometheus's text.
 */
public final class StatusServer implements AutoCloseable {
  private static final String PREFIX = "kymo_";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "kymo-http");
            made.setDaemon(true);
            return made;
          });
  private final HttpServer server;
  private final Health health;

  /**
   * @param port 0 takes a free one, see {@link #port}
   * @throws IOException when the port is taken
   */
  public StatusServer(int port, Counters counters, Health health) throws IOException {
    this.health = health;
    this.server = listen(port);
    for (CollectorCounter counter : CollectorCounter.values()) {
      counter(counter.id(), counter.meaning(), counters, c -> c.get(counter));
    }
    for (KernelCounter counter : KernelCounter.values()) {
      counter(counter.id(), counter.meaning(), counters, c -> c.get(counter));
    }
    server.createContext("/health", this::health);
    server.createContext(
        "/metrics",
        exchange -> answer(exchange, 200, "text/plain; version=0.0.4", registry.scrape()));
    server.createContext(
        "/", exchange -> answer(exchange, 404, "text/plain", "/health or /metrics\n"));
    server.setExecutor(thread);
  }

  /** A value that goes up and down. */
  public <T> void gauge(String id, String meaning, T source, ToDoubleFunction<T> value) {
    Gauge.builder(PREFIX + id, source, value).description(meaning).register(registry);
  }

  /** A page of lines, asked for anew at each request. */
  public void page(String path, Supplier<List<String>> lines) {
    server.createContext(
        path,
        exchange ->
            answer(exchange, 200, "text/plain", String.join("\n", lines.get()).concat("\n")));
  }

  public void start() {
    server.start();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdownNow();
    registry.close();
  }

  private static HttpServer listen(int port) throws IOException {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new IOException(
          "http.port " + port + ": " + e.getMessage() + "; give another one, or 0", e);
    }
  }

  private <T> void counter(String id, String meaning, T source, ToDoubleFunction<T> value) {
    FunctionCounter.builder(PREFIX + id, source, value).description(meaning).register(registry);
  }

  private void health(HttpExchange exchange) throws IOException {
    String problem = health.problem();
    if (problem == null) {
      answer(exchange, 200, "application/json", "{\"status\":\"up\"}\n");
    } else {
      String body = "{\"status\":\"down\",\"reason\":" + JsonText.quote(problem) + "}\n";
      answer(exchange, 503, "application/json", body);
    }
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
