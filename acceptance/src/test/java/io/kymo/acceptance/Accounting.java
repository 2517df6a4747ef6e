package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * captured = decoded + skipped + gaps + truncated + opaque, to the byte, once everything has come
 * to rest.
 */
final class Accounting {
  private Accounting() {}

  static void holds(Stack stack) {
    JsonNode sums = rest(stack);
    long pending = sums.get("pending_bytes").asLong();
    assertThat(pending)
        .as("bytes that still wait: %s, in %s", sums, pending == 0 ? "" : waiting(stack))
        .isZero();
    assertThat(sums.get("captured_bytes").asLong())
        .as("%s", sums)
        .isEqualTo(
            sums.get("decoded_bytes").asLong()
                + sums.get("skipped_bytes").asLong()
                + sums.get("gap_bytes").asLong()
                + sums.get("truncated_bytes").asLong()
                + sums.get("opaque_bytes").asLong())
        .isPositive();
  }

  private static List<List<String>> waiting(Stack stack) {
    return stack.sql(
        "SELECT * EXCEPT (kafka_partition, kafka_offset) FROM (SELECT * FROM connections ORDER BY time DESC LIMIT 1 BY node, connection_id) WHERE state = 'open' OR pending_bytes > 0 ORDER BY time DESC LIMIT 20");
  }

  /** The sums when they no longer change. */
  private static JsonNode rest(Stack stack) {
    JsonNode before = stack.json("processor", "accounting");
    for (int i = 0; i < 60; i++) {
      Stack.pause(1_000);
      JsonNode now = stack.json("processor", "accounting");
      if (now.equals(before) && now.get("pending_bytes").asLong() == 0) {
        return now;
      }
      before = now;
    }
    return before;
  }
}
