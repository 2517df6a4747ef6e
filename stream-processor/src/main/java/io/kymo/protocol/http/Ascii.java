package io.kymo.protocol.http;

import io.kymo.protocol.Input;
import java.nio.charset.StandardCharsets;

/** Character classes of RFC 9110 section 5.6 and comparisons that do not allocate. */
final class Ascii {
  static final byte CR = '\r';
  static final byte LF = '\n';

  private static final boolean[] TOKEN = new boolean[256];

  static {
    for (byte b :
        bytes("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")) {
      TOKEN[b] = true;
    }
  }

  private Ascii() {}

  static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.US_ASCII);
  }

  static boolean token(int u8) {
    return TOKEN[u8];
  }

  static boolean digit(int c) {
    return c >= '0' && c <= '9';
  }

  static boolean blank(int c) {
    return c == ' ' || c == '\t';
  }

  /** Value of a hexadecimal digit, -1 when it is none. */
  static int hex(int c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    int l = c | 0x20;
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
  }

  /** Does {@code [from, to)} equal {@code lower} (itself in lower case), case ignored? */
  static boolean equalsIgnoreCase(Input in, int from, int to, byte[] lower) {
    if (to - from != lower.length) {
      return false;
    }
    for (int i = 0; i < lower.length; i++) {
      int c = in.at(from + i);
      if (c >= 'A' && c <= 'Z') {
        c |= 0x20;
      }
      if (c != lower[i]) {
        return false;
      }
    }
    return true;
  }

  static int skipBlank(Input in, int from, int to) {
    int i = from;
    while (i < to && (blank(in.at(i)) || in.at(i) == CR || in.at(i) == LF)) {
      i++;
    }
    return i;
  }

  static int trimBlank(Input in, int from, int to) {
    int i = to;
    while (i > from && (blank(in.at(i - 1)) || in.at(i - 1) == CR || in.at(i - 1) == LF)) {
      i--;
    }
    return i;
  }
}
