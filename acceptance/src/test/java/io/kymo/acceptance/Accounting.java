package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * captured = decoded + skipped + gaps + truncated + opaque, to the byte, once everything has come
 * to rest.
 */
final class Accounting {
  private Accounting() {}

  static void holds(Stack stack) {
    JsonNode sums = rest(stack);
    assertThat(sums.get("pending_bytes").asLong()).as("bytes that still wait: %s", sums).isZero();
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
