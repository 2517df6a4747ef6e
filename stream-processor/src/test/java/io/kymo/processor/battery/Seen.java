package io.kymo.processor.battery;

import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.pairing.Ending;
import java.util.Map;
import java.util.TreeMap;

/** An exchange as it was handed out, kept to compare. */
record Seen(
    Ending ending,
    String operation,
    String resource,
    String statement,
    String status,
    String statusCode,
    String errorType,
    String traceId,
    String spanId,
    long requestBytes,
    long responseBytes,
    boolean truncated,
    Map<String, String> attributes,
    long requestPosition,
    long responsePosition,
    long time,
    long durationNs,
    long ttfbNs) {

  static Seen of(CompletedExchange e) {
    return new Seen(
        e.ending(),
        e.operation(),
        e.resource(),
        e.statement(),
        e.status().id(),
        e.statusCode(),
        e.errorType(),
        e.traceId(),
        e.spanId(),
        e.requestBytes(),
        e.responseBytes(),
        e.truncated(),
        new TreeMap<>(e.attributes()),
        e.request().position() & 0xffff_ffffL,
        e.response() == null ? -1 : e.response().position() & 0xffff_ffffL,
        e.time(),
        e.durationNs(),
        e.ttfbNs());
  }

  boolean answered() {
    return ending == Ending.ANSWERED;
  }

  /** What is expected of it but not so, empty when all is. */
  String differs(Map<String, String> expected) {
    StringBuilder differences = new StringBuilder();
    boolean only = "only".equals(expected.get("attrs"));
    expected.forEach(
        (key, value) -> {
          String actual = key.equals("attrs") ? value : value(key);
          if (!actual.equals(value)) {
            differences.append("\n  ").append(key).append(": expected <").append(value);
            differences.append("> but was <").append(actual).append('>');
          }
        });
    if (only) {
      for (String key : attributes.keySet()) {
        if (!expected.containsKey("attr:" + key)) {
          differences.append("\n  attribute not expected: ").append(key);
        }
      }
    }
    return differences.toString();
  }

  private String value(String key) {
    if (key.startsWith("attr:")) {
      return attributes.getOrDefault(key.substring("attr:".length()), "");
    }
    return switch (key) {
      case "kind" -> ending == Ending.ONE_WAY ? "one_way" : "exchange";
      case "operation" -> operation;
      case "resource" -> resource;
      case "statement" -> statement;
      case "status" -> status;
      case "status_code" -> statusCode;
      case "error_type" -> errorType;
      case "trace_id" -> traceId;
      case "span_id" -> spanId;
      case "request_bytes" -> Long.toString(requestBytes);
      case "response_bytes" -> Long.toString(responseBytes);
      case "truncated" -> Boolean.toString(truncated);
      default -> throw new IllegalArgumentException("unknown key " + key);
    };
  }
}
