package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;

/**
 * The frame of a message and what must hold for its body (PostgreSQL documentation §55.7).
 *
 * <pre>
 *  type (1)  length, with itself, without the type (4)  body
 *  before the startup message is accepted there is no type
 * </pre>
 */
final class Frame {
  static final int HEADER = 5;

  /** pq_getmessage refuses more: PQ_LARGE_MESSAGE_LIMIT, MaxAllocSize - 1. */
  private static final int MAX_LENGTH = 0x3fffffff;

  /** Names are cut at NAMEDATALEN - 1 = 63 bytes by the server; drivers' are shorter still. */
  static final int MAX_NAME = 256;

  private static final int SMALL = 4;

  private Frame() {}

  /** Bytes of the message at {@code i}, type included; its header is there. */
  static long size(Input in, int i) {
    return in.u32be(i + 1) + 1;
  }

  /** Could a client's message begin at {@code i}, as far as its header tells? */
  static boolean clientHeader(Input in, int i) {
    int length = in.i32be(i + 1);
    return switch (in.at(i)) {
      case 'H', 'S', 'X', 'c' -> length == SMALL;
      case 'B' -> length >= 12 && length <= MAX_LENGTH;
      case 'D', 'C' -> length >= 6 && length <= SMALL + 2 + MAX_NAME;
      case 'E' -> length >= 9 && length <= SMALL + 5 + MAX_NAME;
      case 'F' -> length >= 14 && length <= MAX_LENGTH;
      case 'P' -> length >= 8 && length <= MAX_LENGTH;
      case 'Q', 'f' -> length >= 5 && length <= MAX_LENGTH;
      case 'd' -> length >= SMALL && length <= MAX_LENGTH;
      case 'p' -> length >= 5 && length <= 65_535 + SMALL;
      default -> false;
    };
  }

  /** Could a server's message begin at {@code i}, as far as its header tells? */
  static boolean serverHeader(Input in, int i) {
    int length = in.i32be(i + 1);
    return switch (in.at(i)) {
      case '1', '2', '3', 'I', 'c', 'n', 's' -> length == SMALL;
      case 'Z' -> length == 5;
      case 'K' -> length >= 12 && length <= 8 + MAX_NAME;
      case 'R' -> length >= 8 && length <= 65_535;
      case 'C' -> length >= 6 && length <= SMALL + 64;
      case 'E', 'N' -> length >= 5 && length <= MAX_LENGTH;
      case 'S' -> length >= 6 && length <= 65_535;
      case 'A' -> length >= 10 && length <= MAX_LENGTH;
      case 'G', 'H', 'W' -> length >= 7 && length <= 7 + 2 * 65_535;
      case 'T' -> length >= 6 && length <= MAX_LENGTH;
      case 't' -> length >= 6 && length <= 6 + 4 * 65_535;
      case 'D' -> length >= 6 && length <= MAX_LENGTH;
      case 'd' -> length >= SMALL && length <= MAX_LENGTH;
      case 'V' -> length >= 8 && length <= MAX_LENGTH;
      case 'v' -> length >= 12 && length <= 65_535;
      default -> false;
    };
  }

  /**
   * Does the body of the client's message at {@code i} look right, as far as it is there?
   *
   * @param to end of what is there
   */
  static boolean clientBody(Input in, int i, int to) {
    long end = i + size(in, i);
    boolean whole = end <= to;
    int seen = (int) Math.min(end, to);
    int body = i + HEADER;
    return switch (in.at(i)) {
      case 'Q' ->
          text(in, body, seen)
              && (!whole || in.at(seen - 1) == 0 && in.indexOf((byte) 0, body, seen) == seen - 1);
      case 'P' -> twoTexts(in, body, seen);
      case 'B' -> twoNames(in, body, seen);
      case 'D', 'C' ->
          body >= seen
              || (in.at(body) == 'S' || in.at(body) == 'P')
                  && name(in, body + 1, seen, whole ? 0 : -1);
      case 'E' -> name(in, body, seen, whole ? 4 : -1);
      case 'f' -> !whole || in.at(seen - 1) == 0;
      default -> true;
    };
  }

  /** Is enough there for {@link #serverBody} to say always the same? */
  static boolean serverBodyThere(Input in) {
    return in.length() >= Math.min(size(in, 0), HEADER + 4) || in.hole() > 0;
  }

  /** As {@link #clientBody} for the server's. */
  static boolean serverBody(Input in, int i, int to) {
    long end = i + size(in, i);
    boolean whole = end <= to;
    int seen = (int) Math.min(end, to);
    int body = i + HEADER;
    if (body >= seen) {
      return true;
    }
    return switch (in.at(i)) {
      case 'Z' -> "ITE".indexOf(in.at(body)) >= 0;
      case 'C' -> in.at(body) >= 'A' && in.at(body) <= 'Z' && (!whole || in.at(seen - 1) == 0);
      case 'E', 'N' -> in.at(body) >= 'A' && in.at(body) <= 'Z';
      case 'T' -> seen - body < 2 || columns(in, i, body);
      case 'D' -> seen - body < 2 || size(in, i) - HEADER >= 2 + 4L * in.u16be(body);
      case 't' -> seen - body < 2 || size(in, i) - HEADER == 2 + 4L * in.u16be(body);
      case 'R' -> seen - body < 4 || in.u32be(body) <= 12;
      case 'S' -> in.at(body) >= 'A' && (!whole || in.at(seen - 1) == 0);
      case 'G', 'H', 'W' -> in.u8(body) <= 1;
      default -> true;
    };
  }

  // each column: a name with its zero byte, and 18 bytes
  private static boolean columns(Input in, int i, int body) {
    int columns = in.u16be(body);
    return columns <= 1664 && size(in, i) - HEADER >= 2 + 19L * columns;
  }

  /** No control characters but white space in the first bytes. */
  private static boolean text(Input in, int from, int to) {
    int end = Math.min(to, from + 64);
    for (int i = from; i < end && in.at(i) != 0; i++) {
      int c = in.u8(i);
      if (c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f' && c != 0x0b) {
        return false;
      }
    }
    return true;
  }

  /**
   * @param behind bytes behind the name's zero byte, -1 when that can not be told
   */
  private static boolean name(Input in, int from, int to, int behind) {
    int zero = in.indexOf((byte) 0, from, Math.min(to, from + MAX_NAME));
    boolean printable = text(in, from, zero < 0 ? to : zero);
    return printable && (behind < 0 || zero >= 0 && to - zero - 1 == behind);
  }

  private static boolean twoNames(Input in, int from, int to) {
    int zero = in.indexOf((byte) 0, from, Math.min(to, from + MAX_NAME));
    if (zero < 0) {
      return to - from < MAX_NAME && text(in, from, to);
    }
    return text(in, from, zero) && name(in, zero + 1, to, -1);
  }

  private static boolean twoTexts(Input in, int from, int to) {
    int zero = in.indexOf((byte) 0, from, Math.min(to, from + MAX_NAME));
    if (zero < 0) {
      return to - from < MAX_NAME && text(in, from, to);
    }
    return text(in, from, zero) && text(in, zero + 1, to);
  }
}
