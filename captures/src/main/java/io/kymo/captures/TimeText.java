package io.kymo.captures;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Times as ClickHouse writes DateTime64(9): {@code 2026-11-21 14:25:00.123456789}. One thread. */
final class TimeText {
  private static final long SECOND = 1_000_000_000L;
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

  private long second = Long.MIN_VALUE;
  private byte[] text;

  /**
   * @param timeNs since the epoch
   * @param digits of the second's fraction, 1 … 9
   */
  void write(long timeNs, int digits, Text out) {
    long at = Math.floorDiv(timeNs, SECOND);
    if (at != second) {
      second = at;
      text = FORMAT.format(Instant.ofEpochSecond(at)).getBytes(StandardCharsets.US_ASCII);
    }
    long fraction = Math.floorMod(timeNs, SECOND);
    for (int i = digits; i < 9; i++) {
      fraction /= 10;
    }
    out.raw(text).ascii('.').padded(fraction, digits);
  }
}
