package io.kymo.processor.main;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.processor.metrics.ProcessorGauge;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** {@code GET /health}, {@code /metrics} and {@code /accounting} on loopback. */
final class Endpoints implements AutoCloseable {
  private static final String JSON = "application/json";

  private final HttpServer server;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "http");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param problem why the process is not up, null when it is
   * @throws IOException when the port is taken
   */
  Endpoints(int port, Supplier<String> problem, Metrics metrics) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(executor);
    server.createContext("/health", exchange -> health(exchange, problem.get(), metrics));
    server.createContext(
        "/metrics",
        exchange ->
            answer(
                exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.prometheus()));
    server.createContext(
        "/accounting", exchange -> answer(exchange, 200, JSON, accounting(metrics)));
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  private static void health(HttpExchange exchange, String problem, Metrics metrics)
      throws IOException {
    if (problem == null) {
      answer(
          exchange,
          200,
          JSON,
          "{\"status\":\"up\",\"lag\":" + metrics.value(ProcessorGauge.LAG) + "}\n");
    } else {
      answer(
          exchange, 503, JSON, "{\"status\":\"down\",\"reason\":\"" + escaped(problem) + "\"}\n");
    }
  }

  /** Where every byte went, over live and closed conversations, since this process started. */
  private static String accounting(Metrics metrics) {
    return "{\"captured_bytes\":%d,\"decoded_bytes\":%d,\"skipped_bytes\":%d,\"gap_bytes\":%d,\"truncated_bytes\":%d,\"opaque_bytes\":%d,\"pending_bytes\":%d,\"duplicate_bytes\":%d,\"conversations\":%d,\"exchanges\":%d}%n"
        .formatted(
            metrics.total(ProcessorCounter.CAPTURED_BYTES),
            metrics.total(ProcessorCounter.DECODED_BYTES),
            metrics.total(ProcessorCounter.SKIPPED_BYTES),
            metrics.total(ProcessorCounter.GAP_BYTES),
            metrics.total(ProcessorCounter.TRUNCATED_BYTES),
            metrics.total(ProcessorCounter.OPAQUE_BYTES),
            metrics.value(ProcessorGauge.PENDING_BYTES),
            metrics.total(ProcessorCounter.DUPLICATE_BYTES),
            metrics.value(ProcessorGauge.CONVERSATIONS),
            metrics.total(ProcessorCounter.EXCHANGES));
  }

  private static String escaped(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else {
        out.append(c < ' ' ? ' ' : c);
      }
    }
    return out.toString();
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
