package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;

/**
 * Reads MySQL packets and the integers in them. All integers are little-endian.
 *
 * <pre>
 *  0        3     4                     4 + length
 *  +--------+-----+----------------------+
 *  | length | seq | payload              |   length 0xffffff: the payload goes on in the next packet
 *  +--------+-----+----------------------+
 * </pre>
 *
 * <p>MySQL Internals, "Protocol Basics: MySQL Packets" and "Protocol::LengthEncodedInteger".
 */
final class Packet {
  static final int HEADER = 4;

  /** A payload of this length is continued by the next packet, even if that one is empty. */
  static final int CONTINUED = 0xffffff;

  static final int OK = 0x00;
  static final int MORE_AUTH_DATA = 0x01;
  static final int LOCAL_INFILE = 0xfb;
  static final int EOF = 0xfe;
  static final int ERR = 0xff;

  private Packet() {}

  static int length(Input in, int at) {
    return in.u24le(at);
  }

  static int sequence(Input in, int at) {
    return in.u8(at + 3);
  }

  /**
   * Bytes that the length-encoded integer at {@code at} takes: 1, 3, 4 or 9; 0 when it is none
   * (0xfb, 0xff) or does not end before {@code end}.
   */
  static int lenencSize(Input in, int at, int end) {
    if (at >= end) {
      return 0;
    }
    int size =
        switch (in.u8(at)) {
          case 0xfb, 0xff -> 0;
          case 0xfc -> 3;
          case 0xfd -> 4;
          case 0xfe -> 9;
          default -> 1;
        };
    return size <= end - at ? size : 0;
  }

  /**
   * Value of the length-encoded integer at {@code at}, of which {@link #lenencSize} said that it is
   * there. May be negative: 8 bytes.
   */
  static long lenenc(Input in, int at) {
    int first = in.u8(at);
    return switch (first) {
      case 0xfc -> in.u16le(at + 1);
      case 0xfd -> in.u24le(at + 1);
      case 0xfe -> in.i64le(at + 1);
      default -> first;
    };
  }

  /**
   * Offset behind the length-encoded string at {@code at}.
   *
   * @return -1 when it does not end before {@code end}
   */
  static int skipString(Input in, int at, int end) {
    int size = lenencSize(in, at, end);
    if (size == 0) {
      return -1;
    }
    long length = lenenc(in, at);
    return length < 0 || length > end - at - size ? -1 : at + size + (int) length;
  }

  /** Text of {@code [from, to)} fit for a name: at most 128 characters. */
  static String name(Input in, int from, int to) {
    return in.utf8(from, Math.min(to, from + 128));
  }
}
