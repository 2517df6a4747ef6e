package io.kymo.protocol.redis;

import io.kymo.protocol.Input;

/**
 * The grammar's smallest parts: a type byte, a line that ends with CR LF, a number in it.
 *
 * <p>https://redis.io/docs/latest/develop/reference/protocol-spec/ and
 * https://github.com/redis/redis-specifications (RESP3).
 */
final class Resp {
  /** Cannot be told before more bytes come. */
  static final int MORE = -1;

  /** Breaks the grammar. */
  static final int BROKEN = -2;

  /** A number that is none. */
  static final long NO_NUMBER = Long.MIN_VALUE;

  /** A length of {@code ?}: RESP3 streams. */
  static final long STREAMED = Long.MIN_VALUE + 1;

  /** Redis takes 512 MB by default (proto-max-bulk-len), and can be told to take more. */
  static final long MAX_BULK = 1L << 40;

  static final long MAX_COUNT = Integer.MAX_VALUE;

  /**
   * Bulk strings below are waited for and their end is checked; larger ones are passed over by
   * their length.
   */
  static final int SMALL = 1024;

  /** A simple string, an error, a big number; also an inline command (PROTO_INLINE_MAX_SIZE). */
  static final int MAX_LINE = 64 * 1024;

  /** A type byte, a sign, 19 digits. */
  static final int MAX_NUMBER_LINE = 22;

  private static final int MAX_DIGITS = 18;

  private Resp() {}

  /** Offset of the CR LF that ends the line at {@code pos}, or MORE, or BROKEN. */
  static int lineEnd(Input in, int pos, int max) {
    int end = Math.min(in.length(), pos + max);
    for (int i = pos; i < end; i++) {
      int c = in.at(i);
      if (c == '\r') {
        if (i + 1 >= in.length()) {
          return MORE;
        }
        return in.at(i + 1) == '\n' ? i : BROKEN;
      }
      if (c == '\n') {
        return BROKEN;
      }
    }
    return in.length() - pos >= max ? BROKEN : MORE;
  }

  /** The decimal number that fills {@code [from, to)}, or NO_NUMBER. */
  static long number(Input in, int from, int to) {
    int i = from;
    boolean negative = i < to && in.at(i) == '-';
    if (negative || i < to && in.at(i) == '+') {
      i++;
    }
    if (i == to || to - i > MAX_DIGITS) {
      return NO_NUMBER;
    }
    long value = 0;
    for (; i < to; i++) {
      int digit = in.at(i) - '0';
      if (digit < 0 || digit > 9) {
        return NO_NUMBER;
      }
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  /** A length: not below -1 (null), or STREAMED, or NO_NUMBER. */
  static long length(Input in, int from, int to, long max) {
    if (to - from == 1 && in.at(from) == '?') {
      return STREAMED;
    }
    long length = number(in, from, to);
    return length < -1 || length > max ? NO_NUMBER : length;
  }

  /**
   * Is the line's content what its type asks for? Integers may have 19 digits here: nothing is
   * computed from them.
   */
  static boolean scalar(int type, Input in, int from, int to) {
    switch (type) {
      case '+' -> {
        return true;
      }
      case '-' -> {
        return from < to
            && (in.at(from) < '0' || in.at(from) > '9'); // what is left of $-1 is no error
      }
      case '_' -> {
        return from == to;
      }
      case '#' -> {
        return to - from == 1 && (in.at(from) == 't' || in.at(from) == 'f');
      }
      case ':', '(' -> {
        int i = from < to && (in.at(from) == '-' || in.at(from) == '+') ? from + 1 : from;
        if (i == to) {
          return false;
        }
        while (i < to && in.at(i) >= '0' && in.at(i) <= '9') {
          i++;
        }
        return i == to;
      }
      case ',' -> {
        // 1.5e-3, inf, -inf, nan
        int i = from;
        while (i < to && "+-.0123456789eEinfaINFA".indexOf(in.at(i)) >= 0) {
          i++;
        }
        return i == to && from < to && to - from <= 512;
      }
      default -> {
        return false;
      }
    }
  }

  static boolean endsAt(Input in, int pos) {
    return in.at(pos) == '\r' && in.at(pos + 1) == '\n';
  }
}
