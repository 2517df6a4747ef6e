package io.kymo.protocol.tls;

import io.kymo.protocol.Input;

/**
 * Records and the handshake messages in them (RFC 8446, 5.1 and 4).
 *
 * <pre>
 *   record      0 u8 type | 1 u16 version, 3.x | 3 u16 length, at most 2^14 + 2048
 *   handshake   0 u8 type | 1 u24 length; a message may go on in the next records
 * </pre>
 */
final class Records {
  static final int HEADER = 5;
  static final int CHANGE_CIPHER_SPEC = 20;
  static final int ALERT = 21;
  static final int HANDSHAKE = 22;
  static final int APPLICATION_DATA = 23;
  static final int CLIENT_HELLO = 1;
  static final int SERVER_HELLO = 2;

  /** Record header, handshake header, version: by these a hello is recognised. */
  static final int HELLO_PREFIX = HEADER + 4 + 2;

  private static final int LENGTH_MAX = (1 << 14) + 2048;
  private static final int HANDSHAKE_HEADER = 4;
  private static final int HELLO_MIN = 2 + 32 + 1;

  /** No client needs more, even with post-quantum key shares. */
  private static final int HELLO_MAX = 1 << 15;

  private Records() {}

  static int type(Input in) {
    return in.u8(0);
  }

  static int length(Input in) {
    return in.u16be(3);
  }

  static boolean looksLikeOne(Input in) {
    return looksLikeOne(in, 0);
  }

  /** Do the bytes at {@code at}, as far as they are there, begin a record? */
  static boolean looksLikeOne(Input in, int at) {
    int there = in.length() - at;
    if (there >= 1 && (in.u8(at) < CHANGE_CIPHER_SPEC || in.u8(at) > APPLICATION_DATA)) {
      return false;
    }
    if (there >= 2 && in.u8(at + 1) != 3 || there >= 3 && in.u8(at + 2) > 4) {
      return false;
    }
    return there < HEADER || in.u16be(at + 3) > 0 && in.u16be(at + 3) <= LENGTH_MAX;
  }

  /** Do the bytes, as far as they are there, begin a hello of this type? */
  static boolean beginsHello(Input in, int type) {
    int there = in.length();
    if (!looksLikeOne(in) || there >= 1 && in.u8(0) != HANDSHAKE) {
      return false;
    }
    if (there >= HEADER && in.u16be(3) < HANDSHAKE_HEADER + 2
        || there > HEADER && in.u8(HEADER) != type) {
      return false;
    }
    if (there >= HEADER + HANDSHAKE_HEADER) {
      int length = in.u24be(HEADER + 1);
      if (length < HELLO_MIN || length > HELLO_MAX) {
        return false;
      }
    }
    return there < HELLO_PREFIX || in.u8(HEADER + HANDSHAKE_HEADER) == 3;
  }

  /**
   * The body of the handshake message that begins here, out of as many records as it takes; {@link
   * Input#consumed} of it says how many bytes of {@code in} these have.
   *
   * @return null when not all of it is there; empty when the record is too short to hold any
   */
  static Input handshake(Input in) {
    int record = length(in);
    if (record < HANDSHAKE_HEADER) {
      Input none = new Input().wrap(new byte[0], 0, 0, 0, true);
      none.consume(HEADER + (long) record);
      return none;
    }
    if (in.length() < HEADER + HANDSHAKE_HEADER) {
      return null;
    }
    int wanted = in.u24be(HEADER + 1);
    if (wanted <= record - HANDSHAKE_HEADER) {
      if (in.length() < HEADER + record) {
        return null;
      }
      int start = in.start() + HEADER + HANDSHAKE_HEADER;
      Input body = new Input().wrap(in.array(), start, wanted, 0, true);
      body.consume(HEADER + (long) record);
      return body;
    }
    return wanted > HELLO_MAX ? cut(in, record) : joined(in, wanted);
  }

  private static Input cut(Input in, int record) {
    Input body = new Input().wrap(in.array(), in.start(), 0, 0, true);
    body.consume(HEADER + (long) record);
    return body;
  }

  private static Input joined(Input in, int wanted) {
    byte[] all = new byte[HANDSHAKE_HEADER + wanted];
    int filled = 0;
    int at = 0;
    while (filled < all.length) {
      if (in.length() - at < HEADER) {
        return null;
      }
      int record = in.u16be(at + 3);
      if (in.u8(at) != HANDSHAKE || record == 0) {
        return cut(in, length(in)); // something else in between
      }
      if (in.length() - at < HEADER + record) {
        return null;
      }
      int part = Math.min(record, all.length - filled);
      System.arraycopy(in.array(), in.start() + at + HEADER, all, filled, part);
      filled += part;
      at += HEADER + record;
    }
    Input body = new Input().wrap(all, HANDSHAKE_HEADER, wanted, 0, true);
    body.consume(at);
    return body;
  }
}
