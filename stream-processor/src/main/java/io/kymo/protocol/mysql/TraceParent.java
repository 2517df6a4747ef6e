package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import java.nio.charset.StandardCharsets;

/**
 * W3C trace context as a query attribute, as Connector/J 9 sends it. (In comments: {@link
 * io.kymo.protocol.sql}.)
 *
 * <pre>
 *  00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
 * </pre>
 */
final class TraceParent {
  /** Takes what was found. */
  interface Sink {
    void trace(String traceId, String spanId);
  }

  static final byte[] KEY = "traceparent".getBytes(StandardCharsets.US_ASCII);
  private static final int LENGTH = 55;

  private TraceParent() {}

  /** Reads the value in {@code [from, to)}; nothing happens when it is none. */
  static void read(Input in, int from, int to, Sink sink) {
    boolean dashes =
        to - from >= LENGTH
            && in.at(from + 2) == '-'
            && in.at(from + 35) == '-'
            && in.at(from + 52) == '-';
    if (dashes
        && isHex(in, from, from + 2)
        && isHex(in, from + 3, from + 35)
        && isHex(in, from + 36, from + 52)) {
      sink.trace(in.latin1(from + 3, from + 35), in.latin1(from + 36, from + 52));
    }
  }

  private static boolean isHex(Input in, int from, int to) {
    for (int i = from; i < to; i++) {
      byte b = in.at(i);
      if ((b < '0' || b > '9') && (b < 'a' || b > 'f')) {
        return false;
      }
    }
    return true;
  }
}
