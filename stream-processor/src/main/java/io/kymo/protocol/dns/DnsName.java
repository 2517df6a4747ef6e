package io.kymo.protocol.dns;

import io.kymo.protocol.Input;

/**
 * Domain names (RFC 1035 sections 3.1 and 4.1.4): labels with their length before them, the empty
 * one last, or a pointer to where the rest stands earlier in the message.
 */
final class DnsName {
  /** Reaches behind the end of what is there. */
  static final int MORE = -1;

  static final int BROKEN = -2;

  private static final int MAX_NAME = 255;
  private static final int MAX_LABEL = 63;

  private DnsName() {}

  /**
   * Offset behind the name at {@code pos} (behind its pointer when it has one), MORE, or BROKEN.
   * The pointer is not followed.
   */
  static int end(Input in, int pos, int to) {
    int i = pos;
    while (true) {
      if (i >= to) {
        return MORE;
      }
      int length = in.u8(i);
      if (length == 0) {
        return i + 1;
      }
      if (length >= 0xc0) {
        return i + 2 > to ? MORE : i + 2;
      }
      if (length > MAX_LABEL || i + 1 + length - pos > MAX_NAME) {
        return BROKEN;
      }
      i += 1 + length;
    }
  }

  /**
   * Are all labels, up to a pointer, such as names of hosts and services have: printable, without
   * blanks?
   */
  static boolean usual(Input in, int pos, int end) {
    for (int i = pos; i < end && in.u8(i) > 0 && in.u8(i) < 0xc0; i += 1 + in.u8(i)) {
      for (int k = i + 1; k <= i + in.u8(i); k++) {
        if (in.u8(k) <= ' ' || in.u8(k) >= 0x7f) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * The name in lower case, labels joined by dots, {@code .} for the root; null when it is broken
   * or not all there.
   *
   * @param base where the message begins: pointers count from there
   */
  static String text(Input in, int pos, int base, int to) {
    StringBuilder out = new StringBuilder(32);
    int i = pos;
    int limit = to;
    while (i < limit) {
      int length = in.u8(i);
      if (length == 0) {
        return out.length() == 0 ? "." : out.toString();
      }
      if (length >= 0xc0) {
        // only backwards: no loop can be
        int target = i + 1 < limit ? base + ((length & 0x3f) << 8 | in.u8(i + 1)) : i;
        if (target >= i || target >= pos) {
          return null;
        }
        limit = Math.min(limit, i);
        i = target;
        pos = target;
        continue;
      }
      if (length > MAX_LABEL || i + 1 + length > limit || out.length() + length > MAX_NAME) {
        return null;
      }
      if (out.length() > 0) {
        out.append('.');
      }
      label(in, i + 1, i + 1 + length, out);
      i += 1 + length;
    }
    return null;
  }

  // as in master files (RFC 1035 section 5.1)
  private static void label(Input in, int from, int to, StringBuilder out) {
    for (int i = from; i < to; i++) {
      int c = in.u8(i);
      if (c >= 'A' && c <= 'Z') {
        out.append((char) (c | 0x20));
      } else if (c == '.' || c == '\\') {
        out.append('\\').append((char) c);
      } else if (c > ' ' && c < 0x7f) {
        out.append((char) c);
      } else {
        out.append('\\')
            .append((char) ('0' + c / 100))
            .append((char) ('0' + c / 10 % 10))
            .append((char) ('0' + c % 10));
      }
    }
  }
}
