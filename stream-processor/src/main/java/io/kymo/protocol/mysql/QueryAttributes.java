package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;

/**
 * The parameters that MySQL 8.0.23 and later put before a query's text (CLIENT_QUERY_ATTRIBUTES),
 * and with names into COM_STMT_EXECUTE.
 *
 * <pre>
 *  count:lenenc  sets:lenenc (always 1)  [null bitmap:(count + 7) / 8  new:1 (always 1)  count × (type:2 name:string)  values]  text
 * </pre>
 *
 * <p>They are told from text without knowing the capabilities: no SQL has 0x01 as its second byte.
 * Only {@code traceparent} is read.
 */
final class QueryAttributes {
  private static final int MOST = 64;
  private static final byte[] TRACEPARENT = TraceParent.KEY;

  private QueryAttributes() {}

  /** Do attributes stand at {@code at}, where the text could? */
  static boolean present(Input in, int at, int end) {
    return end - at >= 2 && in.u8(at) <= 250 && in.u8(at + 1) == 1;
  }

  /**
   * Skips the attributes at {@code at}.
   *
   * @param trace takes the value of {@code traceparent}
   * @return where the text begins; -1 when they do not end here or cannot be understood
   */
  static int skip(Input in, int at, int end, TraceParent.Sink trace) {
    int count = in.u8(at);
    return count == 0 ? at + 2 : values(in, at + 2, end, count, trace);
  }

  /**
   * From the null bitmap on.
   *
   * @return offset behind the values, or -1
   */
  static int values(Input in, int bitmap, int end, int count, TraceParent.Sink trace) {
    int p = bitmap + (count + 7) / 8;
    if (count > MOST || p >= end || in.u8(p) != 1) {
      return -1;
    }
    p++;
    int types = p;
    for (int i = 0; i < count; i++) {
      p = p + 2 > end ? -1 : Packet.skipString(in, p + 2, end);
      if (p < 0) {
        return -1;
      }
    }
    int type = types;
    for (int i = 0; i < count; i++) {
      int name = type + 2;
      int next = Packet.skipString(in, name, end);
      if ((in.u8(bitmap + i / 8) & 1 << i % 8) == 0) {
        int value = p;
        p = skipValue(in, in.u8(type), p, end);
        if (p < 0) {
          return -1;
        }
        if (next - name == 1 + TRACEPARENT.length && in.matches(name + 1, TRACEPARENT)) {
          TraceParent.read(in, value + Packet.lenencSize(in, value, end), p, trace);
        }
      }
      type = next;
    }
    return p;
  }

  /** Binary protocol values by {@code enum_field_types}. */
  private static int skipValue(Input in, int type, int at, int end) {
    int size =
        switch (type) {
          case 6 -> 0; // NULL
          case 1 -> 1; // TINY
          case 2, 13 -> 2; // SHORT, YEAR
          case 3, 4, 9 -> 4; // LONG, FLOAT, INT24
          case 5, 8 -> 8; // DOUBLE, LONGLONG
          case 7, 10, 11, 12, 14, 17, 18, 19 ->
              at < end ? 1 + in.u8(at) : -1; // dates and times: length, then parts
          default -> -2;
        };
    if (size == -2) {
      return Packet.skipString(in, at, end);
    }
    return size < 0 || size > end - at ? -1 : at + size;
  }
}
