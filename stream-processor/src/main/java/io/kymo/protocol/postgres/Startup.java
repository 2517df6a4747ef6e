package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;

/**
 * Messages before the startup is accepted, which have no type (§55.7): length (4), code (4), body.
 */
final class Startup {
  static final int HEADER = 8;
  static final int CANCEL = 80877102;
  static final int SSL = 80877103;
  static final int GSSENC = 80877104;

  /** The server takes no longer ones: MAX_STARTUP_PACKET_LENGTH. */
  private static final int MAX_LENGTH = 10_000;

  private static final int MAJOR_3 = 3;

  private Startup() {}

  /** Could such a message begin here, as far as the first bytes, at most 8, tell? */
  static boolean possible(Input in) {
    int n = in.length();
    if (n >= 1 && in.at(0) != 0 || n >= 2 && in.at(1) != 0) {
      return false;
    }
    return n < HEADER || valid(in);
  }

  /** Are length and code right? */
  static boolean valid(Input in) {
    int length = in.i32be(0);
    int code = in.i32be(4);
    return switch (code) {
      case SSL, GSSENC -> length == HEADER;
      case CANCEL -> length >= 16 && length <= 12 + 256;
      default -> code >>> 16 == MAJOR_3 && length > HEADER && length <= MAX_LENGTH;
    };
  }

  static boolean isStartup(Input in) {
    return in.i32be(4) >>> 16 == MAJOR_3;
  }

  /**
   * Are the parameters, as far as they are there, texts that end with a zero byte, an empty one
   * last?
   */
  static boolean parametersValid(Input in) {
    int length = in.i32be(0);
    int to = Math.min(length, in.length());
    for (int i = HEADER; i < to; i++) {
      int c = in.u8(i);
      if (c < ' ' && c != 0 && c != '\t' && c != '\n') {
        return false;
      }
    }
    if (to > HEADER && to < length && in.at(HEADER) == 0) {
      return false;
    }
    return to < length
        || in.at(length - 1) == 0 && (length == HEADER + 1 || in.at(length - 2) == 0);
  }

  /** Value of a parameter; empty when there is none. */
  static String parameter(Input in, String name) {
    int to = Math.min(in.i32be(0), in.length());
    int i = HEADER;
    while (i < to && in.at(i) != 0) {
      int nameEnd = in.indexOf((byte) 0, i, to);
      int valueEnd = nameEnd < 0 ? -1 : in.indexOf((byte) 0, nameEnd + 1, to);
      if (valueEnd < 0) {
        return "";
      }
      if (nameEnd - i == name.length() && in.latin1(i, nameEnd).equals(name)) {
        return in.utf8(nameEnd + 1, Math.min(valueEnd, nameEnd + 1 + Frame.MAX_NAME));
      }
      i = valueEnd + 1;
    }
    return "";
  }
}
