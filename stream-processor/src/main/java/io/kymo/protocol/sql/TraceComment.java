package io.kymo.protocol.sql;

import java.nio.charset.StandardCharsets;

/**
 * {@code traceparent='00-<32 hex>-<16 hex>-<2 hex>'} within a comment: sqlcommenter
 * (google.github.io/sqlcommenter/spec), value as in W3C Trace Context §3.2.
 */
final class TraceComment {
  private static final byte[] KEY = "traceparent=".getBytes(StandardCharsets.US_ASCII);
  private static final int TRACE = 3;
  private static final int SPAN = TRACE + 33;
  private static final int LENGTH = SPAN + 19;

  private TraceComment() {}

  /**
   * Start of a valid value within {@code b[from, to)}; its trace id has 32 digits at +3, its span
   * id 16 digits at +36.
   *
   * @return -1 when there is none
   */
  static int find(byte[] b, int from, int to) {
    for (int i = from; i + KEY.length + LENGTH <= to; i++) {
      if (b[i] == 't' && startsWith(b, i)) {
        int v = i + KEY.length;
        if (b[v] == '\'' || b[v] == '"') {
          v++;
        }
        if (v + LENGTH <= to && valid(b, v)) {
          return v;
        }
      }
    }
    return -1;
  }

  static String traceId(byte[] b, int at) {
    return new String(b, at + TRACE, 32, StandardCharsets.US_ASCII);
  }

  static String spanId(byte[] b, int at) {
    return new String(b, at + SPAN, 16, StandardCharsets.US_ASCII);
  }

  private static boolean startsWith(byte[] b, int i) {
    for (int k = 0; k < KEY.length; k++) {
      if (b[i + k] != KEY[k]) {
        return false;
      }
    }
    return true;
  }

  private static boolean valid(byte[] b, int v) {
    return b[v] == '0'
        && b[v + 1] == '0'
        && b[v + 2] == '-'
        && id(b, v + TRACE, 32)
        && b[v + SPAN - 1] == '-'
        && id(b, v + SPAN, 16)
        && b[v + SPAN + 16] == '-';
  }

  // all zeros is no id
  private static boolean id(byte[] b, int from, int digits) {
    boolean some = false;
    for (int i = from; i < from + digits; i++) {
      boolean hex = b[i] >= '0' && b[i] <= '9' || b[i] >= 'a' && b[i] <= 'f';
      if (!hex) {
        return false;
      }
      some |= b[i] != '0';
    }
    return some;
  }
}
