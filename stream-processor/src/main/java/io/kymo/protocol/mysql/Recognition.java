package io.kymo.protocol.mysql;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Verdict;

/**
 * Is it MySQL? From the start: the server's greeting or the client's answer to it. Picked up later:
 * a command with SQL in it, or any command together with a first packet of an answer.
 */
final class Recognition {
  /** What one side's bytes say. */
  private enum Evidence {
    NOT,
    NOTHING,
    /** A whole unit fits, but others' bytes could look like it. */
    FITS,
    SURE
  }

  private Recognition() {}

  static Verdict judge(Input client, Input server, Flow flow) {
    Evidence c = client(client);
    Evidence s = server(server);
    if (c == Evidence.NOT || s == Evidence.NOT && flow.fromStart()) {
      return Verdict.NO;
    }
    if (c == Evidence.SURE || s == Evidence.SURE || c == Evidence.FITS && s == Evidence.FITS) {
      return Verdict.YES;
    }
    return Verdict
        .MAYBE; // picked up in the middle of an answer, only the client's next command can tell
  }

  private static Evidence client(Input in) {
    if (in.length() < Packet.HEADER) {
      return in.length() > 0 && in.length() == 3 && Packet.length(in, 0) == 0
          ? Evidence.NOT
          : Evidence.NOTHING;
    }
    int length = Packet.length(in, 0);
    int sequence = Packet.sequence(in, 0);
    if (length == 0 || sequence > 2) {
      return Evidence.NOT;
    }
    if (sequence > 0) {
      return response(in, length);
    }
    if (in.length() <= Packet.HEADER) {
      return Evidence.NOTHING;
    }
    Command command = Command.of(in.u8(Packet.HEADER));
    if (command == null || !command.fits(length)) {
      return Evidence.NOT;
    }
    return command.hasText() ? text(in, command, length) : whole(in, length);
  }

  /** A handshake response: 19 zeros at their place are proof enough. */
  private static Evidence response(Input in, int length) {
    if (length < Handshake.FIXED_41) {
      return length < 7 ? Evidence.NOT : Evidence.NOTHING; // before 4.1
    }
    if (in.length() < Packet.HEADER + Handshake.FIXED_41) {
      return Evidence.NOTHING;
    }
    return Handshake.isResponse41(in, 0, length) ? Evidence.SURE : Evidence.NOT;
  }

  private static Evidence text(Input in, Command command, int length) {
    int at = Packet.HEADER + 1;
    int end = Math.min(in.length(), Packet.HEADER + length);
    if (command == Command.MULTI) {
      return whole(in, length);
    }
    if (QueryAttributes.present(in, at, end)) {
      at = QueryAttributes.skip(in, at, end, (trace, span) -> {});
      if (at < 0) {
        return Evidence.NOTHING;
      }
    }
    if (Verbs.begin(in, at, end, Packet.HEADER + length)) {
      return Evidence.SURE;
    }
    int look = Math.min(end, at + 16);
    for (int i = at; i < look; i++) {
      if (in.u8(i) < 0x20 && !Verbs.isDelimiter(in.at(i))) {
        return Evidence.NOT;
      }
    }
    return whole(in, length);
  }

  /** The first packet fits: does it end where these bytes end, or does another follow? */
  private static Evidence whole(Input in, int length) {
    int end = Packet.HEADER + length;
    if (in.length() < end) {
      return Evidence.NOTHING;
    }
    if (in.length() == end) {
      return Evidence.FITS;
    }
    if (in.length() < end + Packet.HEADER) {
      return Evidence.NOTHING;
    }
    return Packet.sequence(in, end) == 0 && Packet.length(in, end) > 0
        ? Evidence.FITS
        : Evidence.NOT;
  }

  private static Evidence server(Input in) {
    if (in.length() <= Packet.HEADER) {
      return in.length() >= 3 && Packet.length(in, 0) == 0 ? Evidence.NOT : Evidence.NOTHING;
    }
    int length = Packet.length(in, 0);
    int sequence = Packet.sequence(in, 0);
    int first = in.u8(Packet.HEADER);
    boolean here = in.length() >= Packet.HEADER + length;
    if (first == Packet.ERR && sequence <= 3) {
      return error(in, length, here);
    }
    if (sequence == 0) {
      if (!Handshake.mayBeGreeting(in, 0, length)) {
        return Evidence.NOT;
      }
      return !here
          ? Evidence.NOTHING
          : Handshake.isGreeting(in, 0, length) ? Evidence.SURE : Evidence.NOT;
    }
    if (sequence > 3) {
      return Evidence.NOT;
    }
    if (first == Packet.OK && length >= 7 && length < 1 << 16) {
      return here ? Evidence.FITS : Evidence.NOTHING;
    }
    if (length <= 5 && first != Packet.OK) {
      return columns(in, length);
    }
    return length < 512 && sequence >= 2
        ? Evidence.NOTHING
        : Evidence.NOT; // authentication goes on
  }

  private static Evidence error(Input in, int length, boolean here) {
    if (length < 4 || length > 1024) {
      return Evidence.NOT;
    }
    if (!here) {
      return Evidence.NOTHING;
    }
    int code = in.u16le(Packet.HEADER + 1);
    int text = Packet.HEADER + 3;
    boolean fits =
        code >= 1000 && code < 10_000 && Handshake.isPrintable(in, text, Packet.HEADER + length);
    return !fits
        ? Evidence.NOT
        : in.length() == Packet.HEADER + length ? Evidence.SURE : Evidence.FITS;
  }

  /** A column count, and the first definition behind it. */
  private static Evidence columns(Input in, int length) {
    int next = Packet.HEADER + length;
    if (in.length() < next + Packet.HEADER + 4) {
      return Evidence.NOTHING;
    }
    boolean definition =
        Packet.sequence(in, next) == Packet.sequence(in, 0) + 1
            && in.u8(next + 4) == 3
            && in.at(next + 5) == 'd';
    return definition ? Evidence.FITS : Evidence.NOT;
  }
}
