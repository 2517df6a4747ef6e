package io.kymo.protocol.http;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import java.util.Locale;

/**
 * Trace ids in headers: W3C Trace Context level 1 (section 3.2), and Zipkin's b3 in one header or
 * several.
 */
final class TraceContext {
  private static final int TRACE = 32;
  private static final int SPAN = 16;

  private TraceContext() {}

  /**
   * {@code 00-<32 hex>-<16 hex>-<2 hex>}.
   *
   * @return false when it is not well-formed
   */
  static boolean traceparent(Input in, int from, int to, Message message) {
    int span = from + 3 + TRACE + 1;
    if (to - from < 55
        || Ascii.hex(in.at(from)) < 0
        || Ascii.hex(in.at(from + 1)) < 0
        || (in.at(from) | 0x20) == 'f' && (in.at(from + 1) | 0x20) == 'f'
        || in.at(from + 2) != '-'
        || in.at(span - 1) != '-'
        || in.at(span + SPAN) != '-'
        || !id(in, from + 3, TRACE)
        || !id(in, span, SPAN)) {
      return false;
    }
    message.trace(lower(in, from + 3, TRACE), lower(in, span, SPAN));
    return true;
  }

  /**
   * {@code <16 or 32 hex>-<16 hex>[-…]}; a sampling decision alone ({@code 0}, {@code 1}, {@code
   * d}) has no ids.
   */
  static void b3(Input in, int from, int to, Message message) {
    int dash = in.indexOf((byte) '-', from, to);
    if (dash < 0 || to - dash - 1 < SPAN || to - dash - 1 > SPAN && in.at(dash + 1 + SPAN) != '-') {
      return;
    }
    if (traceId(in, from, dash) && id(in, dash + 1, SPAN)) {
      message.trace(padded(in, from, dash), lower(in, dash + 1, SPAN));
    }
  }

  static void b3TraceId(Input in, int from, int to, Message message) {
    if (traceId(in, from, to)) {
      message.trace(padded(in, from, to), message.spanId());
    }
  }

  static void b3SpanId(Input in, int from, int to, Message message) {
    if (to - from == SPAN && id(in, from, SPAN)) {
      message.trace(message.traceId(), lower(in, from, SPAN));
    }
  }

  private static boolean traceId(Input in, int from, int to) {
    return (to - from == TRACE || to - from == SPAN) && id(in, from, to - from);
  }

  private static String padded(Input in, int from, int to) {
    String s = lower(in, from, to - from);
    return s.length() == TRACE ? s : "0".repeat(TRACE - s.length()) + s;
  }

  // hexadecimal and not all zero
  private static boolean id(Input in, int from, int length) {
    int any = 0;
    for (int i = from; i < from + length; i++) {
      int h = Ascii.hex(in.at(i));
      if (h < 0) {
        return false;
      }
      any |= h;
    }
    return any != 0;
  }

  private static String lower(Input in, int from, int length) {
    return in.latin1(from, from + length).toLowerCase(Locale.ROOT);
  }
}
