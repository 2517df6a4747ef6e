package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;

/**
 * Finds the next command, or the first packet of the next answer, in the middle of anything. A
 * header and one byte must be there, and what else is there must fit.
 */
final class Resync {
  /**
   * Longest OK packet believed here. The end of an EOF packet, 00 02 00, before a column count, 01
   * 00 00 01, must not pass for 512 bytes.
   */
  private static final int LONGEST_OK = 255;

  private static final int LONGEST_ERROR = 1024;

  private Resync() {}

  static int client(Input in, int from) {
    for (int at = from; at + Packet.HEADER < in.length(); at++) {
      if (mayBeCommand(in, at)) {
        return at;
      }
    }
    return -1;
  }

  static int server(Input in, int from) {
    for (int at = from; at + Packet.HEADER < in.length(); at++) {
      if (mayBeAnswer(in, at)) {
        return at;
      }
    }
    return -1;
  }

  /**
   * A command of fitting length, with SQL if it holds text, and behind it the end of the bytes or
   * another command.
   */
  private static boolean mayBeCommand(Input in, int at) {
    int length = Packet.length(in, at);
    if (Packet.sequence(in, at) != 0) {
      return false;
    }
    Command command = Command.of(in.u8(at + Packet.HEADER));
    if (command == null || !command.fits(length)) {
      return false;
    }
    int end = at + Packet.HEADER + length;
    if (command.hasText() && command != Command.MULTI && !isText(in, at + Packet.HEADER + 1, end)) {
      return false;
    }
    return end + Packet.HEADER >= in.length()
        || Packet.sequence(in, end) == 0 && Command.of(in.u8(end + Packet.HEADER)) != null;
  }

  /** Number 1, and OK, ERR, or a column count with a definition behind it. */
  private static boolean mayBeAnswer(Input in, int at) {
    int length = Packet.length(in, at);
    if (Packet.sequence(in, at) != 1 || length == 0 || length > LONGEST_ERROR) {
      return false;
    }
    int body = at + Packet.HEADER;
    int end = body + length;
    return switch (in.u8(body)) {
      case Packet.OK ->
          length >= 7
              && length <= LONGEST_OK
              && (in.length() - end < Packet.HEADER || Packet.sequence(in, end) <= 2);
      case Packet.ERR -> length >= 9 && length <= LONGEST_ERROR && isError(in, body);
      default -> length <= 5 && isDefinition(in, end);
    };
  }

  private static boolean isError(Input in, int body) {
    return in.length() - body < 9
        || in.u8(body + 3) == '#' && Handshake.isPrintable(in, body + 4, body + 9);
  }

  private static boolean isDefinition(Input in, int at) {
    int left = in.length() - at;
    return left < Packet.HEADER
        || Packet.sequence(in, at) == 2
            && (left < Packet.HEADER + ResultSets.DEF.length
                || in.matches(at + Packet.HEADER, ResultSets.DEF));
  }

  private static boolean isText(Input in, int from, int end) {
    int to = Math.min(end, in.length());
    int text =
        QueryAttributes.present(in, from, to)
            ? QueryAttributes.skip(in, from, to, (trace, span) -> {})
            : from;
    return text >= 0 && Verbs.begin(in, text, to, end);
  }
}
