package io.kymo.captures;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** UTF-8 text that grows; for one thread. */
final class Text {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
  };

  /** Control characters, the quote and the backslash. */
  private static final boolean[] ESCAPED = new boolean[256];

  static {
    Arrays.fill(ESCAPED, 0, ' ', true);
    ESCAPED[0x7f] = true;
    ESCAPED['"'] = true;
    ESCAPED['\\'] = true;
  }

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
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    room(utf8.length * 6);
    int plain = 0; // from here on nothing was written yet
    for (int i = 0; i < utf8.length; i++) {
      if (ESCAPED[utf8[i] & 0xff]) {
        run(utf8, plain, i);
        escaped(utf8[i]);
        plain = i + 1;
      }
    }
    run(utf8, plain, utf8.length);
  }

  private void run(byte[] from, int start, int end) {
    System.arraycopy(from, start, bytes, length, end - start);
    length += end - start;
  }

  private void escaped(byte c) {
    bytes[length++] = '\\';
    switch (c) {
      case '"', '\\' -> bytes[length++] = c;
      case '\n' -> bytes[length++] = 'n';
      case '\r' -> bytes[length++] = 'r';
      case '\t' -> bytes[length++] = 't';
      default -> {
        bytes[length++] = 'u';
        bytes[length++] = '0';
        bytes[length++] = '0';
        bytes[length++] = HEX[c >> 4];
        bytes[length++] = HEX[c & 15];
      }
    }
  }
}
