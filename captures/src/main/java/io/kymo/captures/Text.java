package io.kymo.captures;

import java.util.Arrays;

/** UTF-8 text that grows; for one thread. */
final class Text {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  private byte[] bytes = new byte[1 << 16];
  private int length;
  private final byte[] digits = new byte[20];

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  /** Takes back everything from {@code position} on. */
  void cutTo(int position) {
    length = position;
  }

  private void room(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
  }

  Text ascii(char c) {
    room(1);
    bytes[length++] = (byte) c;
    return this;
  }

  Text raw(byte[] more) {
    room(more.length);
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
    return this;
  }

  Text number(long value) {
    if (value < 0) {
      ascii('-');
    }
    return unsigned(Math.abs(value));
  }

  /** As an unsigned number of 64 bits. */
  Text unsigned(long value) {
    long left = value;
    int at = digits.length;
    if (left < 0) { // one digit, and the rest is positive
      long tens = Long.divideUnsigned(left, 10);
      digits[--at] = (byte) ('0' + (left - tens * 10));
      left = tens;
    }
    do {
      digits[--at] = (byte) ('0' + left % 10);
      left /= 10;
    } while (left != 0);
    room(digits.length - at);
    System.arraycopy(digits, at, bytes, length, digits.length - at);
    length += digits.length - at;
    return this;
  }

  /** With leading zeros. */
  Text padded(long value, int width) {
    room(width);
    long left = value;
    for (int i = width - 1; i >= 0; i--) {
      bytes[length + i] = (byte) ('0' + left % 10);
      left /= 10;
    }
    length += width;
    return this;
  }

  /** In quotes, as RFC 8259 wants it. */
  Text quoted(String text) {
    ascii('"');
    json(text);
    return ascii('"');
  }

  private void json(String text) {
    int count = text.length();
    room(count * 6);
    byte[] to = bytes;
    int at = length;
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
        to[at++] = (byte) c;
      } else if (c < ' ' || c == 0x7f) {
        at = escaped(to, at, c);
      } else if (c < 0x7f) {
        to[at++] = '\\';
        to[at++] = (byte) c;
      } else if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < count
                && Character.isLowSurrogate(text.charAt(i + 1));
        at = utf8(to, at, pair ? Character.toCodePoint(c, text.charAt(++i)) : 0xfffd);
      } else {
        at = utf8(to, at, c);
      }
    }
    length = at;
  }

  private static int escaped(byte[] to, int from, char c) {
    int at = from;
    to[at++] = '\\';
    switch (c) {
      case '\n' -> to[at++] = 'n';
      case '\r' -> to[at++] = 'r';
      case '\t' -> to[at++] = 't';
      default -> {
        to[at++] = 'u';
        to[at++] = '0';
        to[at++] = '0';
        to[at++] = HEX[c >> 4];
        to[at++] = HEX[c & 15];
      }
    }
    return at;
  }

  private static int utf8(byte[] to, int from, int c) {
    int at = from;
    if (c < 0x800) {
      to[at++] = (byte) (0xc0 | c >> 6);
    } else if (c < 0x10000) {
      to[at++] = (byte) (0xe0 | c >> 12);
      to[at++] = (byte) (0x80 | c >> 6 & 0x3f);
    } else {
      to[at++] = (byte) (0xf0 | c >> 18);
      to[at++] = (byte) (0x80 | c >> 12 & 0x3f);
      to[at++] = (byte) (0x80 | c >> 6 & 0x3f);
    }
    to[at++] = (byte) (0x80 | c & 0x3f);
    return at;
  }
}
