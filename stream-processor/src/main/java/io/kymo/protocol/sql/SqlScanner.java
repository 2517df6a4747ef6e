package io.kymo.protocol.sql;

import java.util.Arrays;

/** Where quotes, numbers and comments end in one text. Nothing outside of it is looked at. */
final class SqlScanner {
  private final byte[] b;
  private final int start;
  private final int end;
  private boolean closed;

  SqlScanner(byte[] b, int start, int end) {
    this.b = b;
    this.start = start;
    this.end = end;
  }

  boolean is(int at, char c) {
    return at >= start && at < end && b[at] == c;
  }

  boolean digit(int at) {
    return at < end && b[at] >= '0' && b[at] <= '9';
  }

  /** Did what {@link #quoteEnd} went over end with its quote? */
  boolean closed() {
    return closed;
  }

  /** Behind the closing quote, or the end of the text. A doubled quote is part of the text. */
  int quoteEnd(int from, char quote, boolean escapes) {
    closed = false;
    for (int k = from; k < end; k++) {
      if (b[k] == quote) {
        if (!is(k + 1, quote)) {
          closed = true;
          return k + 1;
        }
        k++;
      } else if (escapes && b[k] == '\\') {
        k++;
      }
    }
    return end;
  }

  /**
   * Behind {@code 12}, {@code 1.5e-3}, {@code 0x1F}, {@code 1_000}; letters that follow go with it.
   */
  int numberEnd(int from) {
    boolean decimal = true;
    int k = from;
    while (k < end) {
      int c = b[k] & 0xff;
      boolean exponent = decimal && k > from && (c | 0x20) == 'e';
      if (exponent && (is(k + 1, '-') || is(k + 1, '+')) && digit(k + 2)) {
        k++;
      } else if (c == '.' ? is(k + 1, '.') : !wordPart(c)) {
        break;
      }
      decimal &= digit(k) || c == '.' || c == '_';
      k++;
    }
    return k;
  }

  int digitsEnd(int from, int most) {
    int k = from;
    while (digit(k) && k - from < most) {
      k++;
    }
    return k;
  }

  int wordEnd(int from) {
    int k = from;
    while (k < end && wordPart(b[k] & 0xff)) {
      k++;
    }
    return k;
  }

  /** Behind the second {@code $} of the tag that begins at {@code from}; -1 when it is no tag. */
  int tagEnd(int from) {
    int k = from + 1;
    while (k < end && b[k] != '$' && wordPart(b[k] & 0xff)) {
      k++;
    }
    return is(k, '$') ? k + 1 : -1;
  }

  /** Behind the tag {@code [from, tagEnd)} when it comes again, or the end of the text. */
  int dollarQuoteEnd(int from, int tagEnd) {
    int length = tagEnd - from;
    for (int k = tagEnd; k + length <= end; k++) {
      if (Arrays.equals(b, k, k + length, b, from, tagEnd)) {
        return k + length;
      }
    }
    return end;
  }

  int lineEnd(int from) {
    int k = from;
    while (k < end && b[k] != '\n' && b[k] != '\r') {
      k++;
    }
    return k;
  }

  /** Behind the comment whose text begins at {@code from}, or the end of the text. */
  int commentEnd(int from, boolean nested) {
    int depth = 1;
    int k = from;
    while (k < end && depth > 0) {
      if (is(k, '*') && is(k + 1, '/')) {
        depth--;
        k += 2;
      } else if (nested && is(k, '/') && is(k + 1, '*')) {
        depth++;
        k += 2;
      } else {
        k++;
      }
    }
    return k;
  }

  static boolean wordStart(int c, boolean dollar) {
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'z' || c == '_' || c >= 0x80 || c == '$' && dollar;
  }

  private static boolean wordPart(int c) {
    return wordStart(c, true) || c >= '0' && c <= '9';
  }
}
