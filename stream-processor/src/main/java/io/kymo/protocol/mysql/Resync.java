package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;

/** Finds the next command, or the next answer's first packet, in the middle of anything. */
final class Resync {
  private Resync() {}

  /**
   * A command of plausible length and text, with the end of the bytes or another command behind it.
   */
  static int client(Input in, int from) {
    for (int at = from; at + Packet.HEADER < in.length(); at++) {
      if (isCommand(in, at)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isCommand(Input in, int at) {
    int length = Packet.length(in, at);
    Command command = Packet.sequence(in, at) == 0 ? Command.of(in.u8(at + Packet.HEADER)) : null;
    if (command == null || !command.fits(length)) {
      return false;
    }
    long end = (long) at + Packet.HEADER + length;
    if (command.hasText() && command != Command.MULTI) {
      int text = at + Packet.HEADER + 1;
      int stop = (int) Math.min(end, Math.min(in.length(), text + 32L));
      boolean attributes = QueryAttributes.present(in, text, stop);
      if (!attributes && !isText(in, text, stop)) {
        return false;
      }
    } else if (end > in.length()) {
      return false;
    }
    return end >= in.length() - 4L
        || Packet.sequence(in, (int) end) == 0
            && Command.of(in.u8((int) end + Packet.HEADER)) != null;
  }

  /**
   * The first packet of an answer has number 1: OK, ERR, or a column count with a definition behind
   * it.
   */
  static int server(Input in, int from) {
    for (int at = from; at + Packet.HEADER < in.length(); at++) {
      if (Packet.sequence(in, at) == 1 && isAnswer(in, at)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isAnswer(Input in, int at) {
    int length = Packet.length(in, at);
    int body = at + Packet.HEADER;
    int first = in.u8(body);
    long end = (long) body + length;
    if (first == Packet.OK) {
      // of a command, or to a preparation
      return length >= 7
          && (end == in.length()
              || end + Packet.HEADER <= in.length() && Packet.sequence(in, (int) end) <= 2);
    }
    if (first == Packet.ERR) {
      return length >= 9
          && length <= 1024
          && in.length() - body >= 9
          && in.u8(body + 3) == '#'
          && Handshake.isPrintable(in, body + 4, body + 9);
    }
    int next = (int) Math.min(end, Integer.MAX_VALUE);
    return length >= 1
        && length <= 5
        && in.length() - next >= Packet.HEADER + 4
        && Packet.sequence(in, next) == 2
        && in.u8(next + 4) == 3
        && in.at(next + 5) == 'd'
        && in.at(next + 6) == 'e'
        && in.at(next + 7) == 'f';
  }

  private static boolean isText(Input in, int from, int to) {
    for (int i = from; i < to; i++) {
      int b = in.u8(i);
      if (b < 0x20 && b != '\n' && b != '\r' && b != '\t') {
        return false;
      }
    }
    return true;
  }
}
