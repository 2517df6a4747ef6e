package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * captured = decoded + skipped + gaps + truncated + opaque, to the byte, once everything has come
 * to rest. What still waits then waits on connections that ended while no collector looked (state
 * {@code unseen}): they are given up when they have been silent for long.
 */
final class Accounting {
  private static final String WAITING =
      " FROM (SELECT * FROM connections ORDER BY time DESC LIMIT 1 BY node, connection_id)"
          + " WHERE pending_bytes > 0";

  private Accounting() {}

  static void holds(Stack stack) {
    JsonNode sums = rest(stack);
    long pending = sums.get("pending_bytes").asLong();
    assertThat(pending)
        .as(
            "bytes that still wait: %s, in %s",
            sums, pending == 0 ? "" : stack.sql("SELECT *" + WAITING))
        .isEqualTo(unseen(stack));
    assertThat(sums.get("captured_bytes").asLong())
        .as("%s", sums)
        .isEqualTo(
            sums.get("decoded_bytes").asLong()
                + sums.get("skipped_bytes").asLong()
                + sums.get("gap_bytes").asLong()
                + sums.get("truncated_bytes").asLong()
                + sums.get("opaque_bytes").asLong()
                + pending)
        .isPositive();
  }

  private static long unseen(Stack stack) {
    return Long.parseLong(
        stack.sql("SELECT sum(pending_bytes)" + WAITING + " AND state = 'unseen'").get(0).get(0));
  }

  /** The sums when they no longer change. */
  private static JsonNode rest(Stack stack) {
    JsonNode before = stack.json("processor", "accounting");
    for (int i = 0; i < 100; i++) {
      Stack.pause(1_000);
      JsonNode now = stack.json("processor", "accounting");
      long pending = now.get("pending_bytes").asLong();
      if (now.equals(before) && (pending == 0 || pending == unseen(stack))) {
        return now;
      }
      before = now;
    }
    return before;
  }
}
