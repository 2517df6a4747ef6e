package io.kymo.protocol.http;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Side;
import java.util.Locale;

/**
 * Field lines (RFC 9112 section 5): those that decide where the body ends (section 6) and the few
 * that are kept. All others, credentials and cookies among them, are passed over.
 */
final class Headers {
  private static final byte[] CONTENT_LENGTH = Ascii.bytes("content-length");
  private static final byte[] TRANSFER_ENCODING = Ascii.bytes("transfer-encoding");
  private static final byte[] UPGRADE = Ascii.bytes("upgrade");
  private static final byte[] HOST = Ascii.bytes("host");
  private static final byte[] USER_AGENT = Ascii.bytes("user-agent");
  private static final byte[] TRACEPARENT = Ascii.bytes("traceparent");
  private static final byte[] B3 = Ascii.bytes("b3");
  private static final byte[] B3_TRACE_ID = Ascii.bytes("x-b3-traceid");
  private static final byte[] B3_SPAN_ID = Ascii.bytes("x-b3-spanid");
  private static final byte[] CHUNKED = Ascii.bytes("chunked");
  private static final byte[] IDENTITY = Ascii.bytes("identity");

  private static final int MAX_USER_AGENT = 512;
  private static final int MAX_LENGTH_DIGITS = 18;

  private Headers() {}

  /**
   * End of the field line at {@code from}: the line feed that no folded line (RFC 9112 section 5.2)
   * follows.
   *
   * @return -1 when that cannot be told yet
   */
  static int lineEnd(Input in, int from) {
    int limit = Math.min(in.length(), from + StartLine.MAX_LINE);
    int eol = in.indexOf(Ascii.LF, from, limit);
    while (eol >= 0) {
      if (eol + 1 >= in.length()) {
        return -1;
      }
      if (!Ascii.blank(in.at(eol + 1))) {
        return eol;
      }
      eol = in.indexOf(Ascii.LF, eol + 1, limit);
    }
    return -1;
  }

  /**
   * Takes in one field line.
   *
   * @return false when it cannot be one
   */
  static boolean line(
      Input in, int from, int eol, Side side, HttpSession.Direction d, Message message) {
    int colon = -1;
    for (int i = from; i < eol; i++) {
      int c = in.u8(i);
      if (c == ':') {
        colon = i;
        break;
      }
      if (c < 0x20 && c != '\t' && c != '\r' && c != '\n' || c == 0x7f) {
        return false;
      }
    }
    if (colon < 0) {
      return true; // servers refuse it with 400: an exchange like any other
    }
    int name = Ascii.trimBlank(in, from, colon);
    int value = Ascii.skipBlank(in, colon + 1, eol);
    int end = Ascii.trimBlank(in, value, eol);
    framing(in, from, name, value, end, d);
    if (side == Side.CLIENT) {
      kept(in, from, name, value, end, d, message);
    }
    return true;
  }

  private static void framing(
      Input in, int from, int name, int value, int end, HttpSession.Direction d) {
    switch (name - from) {
      case 14 -> {
        if (Ascii.equalsIgnoreCase(in, from, name, CONTENT_LENGTH)) {
          d.contentLength = contentLength(in, value, end, d.contentLength);
        }
      }
      case 17 -> {
        if (Ascii.equalsIgnoreCase(in, from, name, TRANSFER_ENCODING)) {
          transferEncoding(in, value, end, d);
        }
      }
      case 7 -> {
        if (d.upgrade.isEmpty() && Ascii.equalsIgnoreCase(in, from, name, UPGRADE)) {
          d.upgrade = firstToken(in, value, end);
        }
      }
      default -> {}
    }
  }

  private static void kept(
      Input in, int from, int name, int value, int end, HttpSession.Direction d, Message message) {
    switch (name - from) {
      case 4 -> {
        if (Ascii.equalsIgnoreCase(in, from, name, HOST)
            && !message.attributes().containsKey("server.address")) {
          Target.host(in.latin1(value, end), message);
        }
      }
      case 10 -> {
        if (Ascii.equalsIgnoreCase(in, from, name, USER_AGENT)) {
          message.attribute(
              "user_agent.original", in.utf8(value, Math.min(end, value + MAX_USER_AGENT)));
        }
      }
      case 11 -> {
        if (Ascii.equalsIgnoreCase(in, from, name, TRACEPARENT)) {
          d.traceparent |= TraceContext.traceparent(in, value, end, message);
        } else if (!d.traceparent && Ascii.equalsIgnoreCase(in, from, name, B3_SPAN_ID)) {
          TraceContext.b3SpanId(in, value, end, message);
        }
      }
      case 12 -> {
        if (!d.traceparent && Ascii.equalsIgnoreCase(in, from, name, B3_TRACE_ID)) {
          TraceContext.b3TraceId(in, value, end, message);
        }
      }
      case 2 -> {
        if (!d.traceparent && Ascii.equalsIgnoreCase(in, from, name, B3)) {
          TraceContext.b3(in, value, end, message);
        }
      }
      default -> {}
    }
  }

  // a list of equal numbers is one number, all else is an error (RFC 9110 section 8.6)
  private static long contentLength(Input in, int from, int to, long before) {
    long length = before;
    int i = from;
    do {
      i = Ascii.skipBlank(in, i, to);
      int first = i;
      long value = 0;
      while (i < to && Ascii.digit(in.at(i)) && i - first < MAX_LENGTH_DIGITS) {
        value = value * 10 + in.at(i++) - '0';
      }
      int digits = i - first;
      i = Ascii.skipBlank(in, i, to);
      boolean delimited = i == to || in.at(i) == ',';
      if (digits == 0 || !delimited || length != HttpSession.NO_LENGTH && length != value) {
        return HttpSession.BAD_LENGTH;
      }
      length = value;
      i++;
    } while (i < to);
    return length;
  }

  private static void transferEncoding(Input in, int from, int to, HttpSession.Direction d) {
    int comma = to;
    while (comma > from && in.at(comma - 1) != ',') {
      comma--;
    }
    int last = Ascii.skipBlank(in, comma, to);
    if (Ascii.equalsIgnoreCase(in, last, to, IDENTITY)) {
      return; // of RFC 2616, says nothing
    }
    d.coded = true;
    d.chunked = Ascii.equalsIgnoreCase(in, last, to, CHUNKED);
  }

  // "h2c, foo/2" → "h2c"
  private static String firstToken(Input in, int from, int to) {
    int i = from;
    while (i < to && i - from < 32 && Ascii.token(in.u8(i))) {
      i++;
    }
    return in.latin1(from, i).toLowerCase(Locale.ROOT);
  }
}
