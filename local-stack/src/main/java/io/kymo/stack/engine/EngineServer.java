package io.kymo.stack.engine;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.kymo.stack.Ports;
import io.kymo.stack.StartException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.config.AbstractConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP side: which path does what, and the threads. */
final class EngineServer {
  static final int KEEP_ALIVE_S = 30;

  /** The engine's parsers recurse deeply, and refuse when a thread's stack gets short. */
  private static final long STACK_BYTES = 8 << 20;

  private static final int STOP_S = 3;
  private static final Logger LOG = LoggerFactory.getLogger(EngineServer.class);

  private final HttpServer http;
  private final ConnectionPool pool;
  private final Sessions sessions;
  private final QueryHandler queries;
  private final ExecutorService threads;
  private final Thread housekeeping;

  private EngineServer(
      HttpServer http, ConnectionPool pool, int maxConcurrent, boolean externalSources)
      throws EngineException {
    this.http = http;
    this.pool = pool;
    this.sessions = new Sessions(pool);
    AtomicInteger number = new AtomicInteger();
    this.threads =
        Executors.newCachedThreadPool(
            task -> new Thread(null, task, "http-" + number.incrementAndGet(), STACK_BYTES));
    ClientWatch watch = new ClientWatch(http.getAddress().getPort());
    this.housekeeping = new Thread(() -> keepHouse(watch), "housekeeping");
    housekeeping.setDaemon(true);
    housekeeping.start();
    http.setExecutor(threads);
    this.queries = new QueryHandler(pool, sessions, watch, threads, maxConcurrent, externalSources);
    http.createContext("/", queries);
    http.createContext("/ping", exchange -> answer(exchange, "/ping", "text/html", "Ok.\n"));
    http.createContext(
        "/replicas_status", exchange -> answer(exchange, "/replicas_status", "text/html", "Ok.\n"));
    http.createContext(
        "/health",
        exchange -> answer(exchange, "/health", "application/json", "{\"status\":\"up\"}\n"));
    http.createContext(
        "/metrics",
        exchange -> answer(exchange, "/metrics", "text/plain", EngineCounter.prometheus()));
  }

  /**
   * Starts the engine and answers requests from then on.
   *
   * @param data a directory that this process holds alone
   */
  static EngineServer start(Path data, AbstractConfig config) throws StartException {
    int port = config.getInt(EngineConfig.HTTP_PORT);
    // Without them, answers wait 40 ms for the client's acknowledgement, and connections that
    // clients keep are closed under their hands.
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("sun.net.httpserver.idleInterval", String.valueOf(2 * KEEP_ALIVE_S));
    System.setProperty("sun.net.httpserver.maxIdleConnections", "1000");
    HttpServer http;
    try {
      http = HttpServer.create(Ports.address(port), 0);
    } catch (IOException e) {
      throw Ports.taken(EngineConfig.HTTP_PORT, port, e);
    }
    try {
      boolean external = config.getBoolean(EngineConfig.EXTERNAL_SOURCES);
      List<String> rules = external ? List.of() : AccessRules.write(data);
      double memoryRatio = config.getDouble(EngineConfig.MEMORY_RATIO);
      EngineServer server =
          new EngineServer(
              http,
              new ConnectionPool(data, memoryRatio, rules),
              config.getInt(EngineConfig.MAX_CONCURRENT_QUERIES),
              external);
      http.start();
      return server;
    } catch (EngineException | IOException e) {
      http.stop(0);
      throw new StartException("the engine does not start on " + data + ": " + e.getMessage());
    }
  }

  /** Once a second, until interrupted: sessions end, and statements whose clients have gone. */
  private void keepHouse(ClientWatch watch) {
    while (true) {
      try {
        TimeUnit.SECONDS.sleep(1);
        sessions.expire();
        watch.check();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("housekeeping failed, goes on", e);
      }
    }
  }

  private static void answer(HttpExchange exchange, String path, String type, String text)
      throws IOException {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      notFound(exchange);
      return;
    }
    exchange.getResponseHeaders().set("Content-Type", type + "; charset=UTF-8");
    send(exchange, 200, text);
  }

  static void notFound(HttpExchange exchange) throws IOException {
    String text = "There is no handle " + exchange.getRequestURI();
    send(exchange, 404, text + "\n\nUse / for statements or /ping for health checks.\n");
  }

  private static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
    exchange.close();
  }

  /**
   * Takes no more statements, lets running ones end for a moment, then ends them, then closes the
   * engine in good order.
   *
   * @return false when statements still run, and the engine is still open
   */
  boolean stop() {
    housekeeping.interrupt();
    try {
      if (!queries.stop(STOP_S)) {
        pool.killAll();
        if (!queries.stop(STOP_S)) {
          return false;
        }
      }
      http.stop(0);
      sessions.close();
      pool.close();
      threads.shutdown();
      return true;
    } catch (EngineException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
