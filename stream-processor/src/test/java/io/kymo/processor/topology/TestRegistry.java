package io.kymo.processor.topology;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * As much of a schema registry, over HTTP, as the genuine client asks for. Remembers schemas for
 * its own life.
 */
public final class TestRegistry implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final List<String> schemas = new ArrayList<>();

  public TestRegistry(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private synchronized void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
    if (path.matches("/subjects/.*/versions")) {
      String schema = body.get("schema").asText();
      if (!schemas.contains(schema)) {
        schemas.add(schema);
      }
      reply(exchange, 200, Map.of("id", schemas.indexOf(schema) + 1));
    } else if (path.startsWith("/schemas/ids/")) {
      int id = Integer.parseInt(path.substring("/schemas/ids/".length()));
      if (id < 1 || id > schemas.size()) {
        reply(exchange, 404, Map.of("error_code", 40403, "message", "Schema not found"));
      } else {
        reply(exchange, 200, Map.of("schema", schemas.get(id - 1)));
      }
    } else {
      reply(exchange, 200, body);
    }
  }

  private static void reply(HttpExchange exchange, int status, Object json) throws IOException {
    try (exchange) {
      byte[] bytes = JSON.writeValueAsBytes(json);
      exchange.getResponseHeaders().set("Content-Type", "application/vnd.schemaregistry.v1+json");
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
