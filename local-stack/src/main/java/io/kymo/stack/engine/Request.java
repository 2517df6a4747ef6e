package io.kymo.stack.engine;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A request's URL parameters and headers: what ClickHouse's HTTP handler takes for itself, query
 * parameters ({@code param_NAME}), and settings (everything else).
 */
final class Request {
  private static final Set<String> OWN =
      Set.of(
          "query",
          "database",
          "default_format",
          "user",
          "password",
          "quota_key",
          "role",
          "query_id",
          "session_id",
          "session_timeout",
          "session_check",
          "close_session",
          "compress",
          "decompress",
          "wait_end_of_query",
          "buffer_size",
          "stacktrace",
          "client_protocol_version",
          "framing");

  /** Settings of the HTTP handler; the engine has no use for them. */
  private static final Set<String> HTTP_SETTINGS =
      Set.of(
          "enable_http_compression",
          "http_zlib_compression_level",
          "http_wait_end_of_query",
          "http_response_buffer_size",
          "http_headers_progress_interval_ms",
          "http_native_compression_disable_checksumming_on_decompress",
          "http_receive_timeout",
          "http_send_timeout",
          "send_progress_in_http_headers",
          "cancel_http_readonly_queries_on_client_close",
          "add_http_cors_header",
          "log_comment");

  private final HttpExchange exchange;
  private final Map<String, String> all = new LinkedHashMap<>();
  private final Map<String, String> parameters = new LinkedHashMap<>();
  private final Map<String, String> settings = new LinkedHashMap<>();
  private final String queryId;

  Request(HttpExchange exchange) {
    this.exchange = exchange;
    String raw = exchange.getRequestURI().getRawQuery();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (!pair.isEmpty()) {
        add(
            decode(equals < 0 ? pair : pair.substring(0, equals)),
            equals < 0 ? "" : decode(pair.substring(equals + 1)));
      }
    }
    String id = value("query_id", header("X-ClickHouse-Query-Id", ""));
    this.queryId = id.isEmpty() ? UUID.randomUUID().toString() : id;
  }

  private void add(String name, String value) {
    all.put(name, value);
    if (name.startsWith("param_")) {
      parameters.put(name.substring("param_".length()), value);
    } else if (!OWN.contains(name) && !HTTP_SETTINGS.contains(name)) {
      settings.put(name, value);
    }
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /** GET only reads. */
  boolean mayOnlyRead() {
    return !exchange.getRequestMethod().equals("POST");
  }

  String value(String name, String otherwise) {
    return all.getOrDefault(name, otherwise);
  }

  boolean flag(String name) {
    String value = value(name, "0").toLowerCase(Locale.ROOT);
    return value.equals("1") || value.equals("true");
  }

  String header(String name, String otherwise) {
    Headers headers = exchange.getRequestHeaders();
    String value = headers.getFirst(name);
    return value == null ? otherwise : value;
  }

  String query() {
    return value("query", "");
  }

  /** Empty when the connection's own is meant. */
  String database() {
    return value("database", header("X-ClickHouse-Database", ""));
  }

  /** Of the result, unless the statement names one. */
  String defaultFormat() {
    return value("default_format", header("X-ClickHouse-Format", "TabSeparated"));
  }

  String sessionId() {
    return value("session_id", "");
  }

  String queryId() {
    return queryId;
  }

  Map<String, String> parameters() {
    return parameters;
  }

  Map<String, String> settings() {
    return settings;
  }
}
