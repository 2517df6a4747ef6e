package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;

/**
 * Reads what clients send: the handshake response, then commands, each in a packet with sequence
 * number 0; in between what is no command (answers to authentication, contents of files), with the
 * numbers behind the server's.
 */
final class Requests {
  /** How much of a statement's text is looked at. */
  private static final int LONGEST_TEXT = 16 * 1024;

  /** How much of a command is looked at for query attributes and names. */
  private static final int LONGEST_HEAD = 2 * 1024;

  private final Commands commands;

  Requests(Sql sql) {
    this.commands = new Commands(sql);
  }

  Outcome decode(Input in, MysqlSession s, Message m) {
    if (in.length() < Packet.HEADER) {
      return Outcome.INCOMPLETE;
    }
    int length = Packet.length(in, 0);
    int sequence = Packet.sequence(in, 0);
    if (s.clientContinues) {
      return continued(in, length, sequence, s);
    }
    if (sequence == 0 && !(s.clientData && s.clientSequence == 255)) {
      return command(in, length, s, m);
    }
    if (!s.loginSeen && s.inFlight.isEmpty() && sequence <= 2) {
      return login(in, length, sequence, s, m);
    }
    if (!dataExpected(sequence, s)) {
      return Outcome.MALFORMED;
    }
    s.clientSequence = sequence;
    s.dataSequence = sequence;
    s.dataBytes += Packet.HEADER + (long) length;
    s.clientData = length > 0; // an empty packet ends a file
    in.consume(Packet.HEADER + (long) length);
    return Outcome.SKIPPED;
  }

  private static boolean dataExpected(int sequence, MysqlSession s) {
    InFlight head = s.inFlight.peek();
    if (head != null && head.command().answer == Command.Answer.AUTH) {
      return true;
    }
    if (s.clientSequence == MysqlSession.NOT_SEEN) {
      return head != null;
    }
    int step = sequence - s.clientSequence & 0xff;
    return s.clientData ? step == 1 || step == 2 : head != null && step == 2;
  }

  private Outcome continued(Input in, int length, int sequence, MysqlSession s) {
    if (sequence != (s.clientSequence + 1 & 0xff)) {
      return Outcome.MALFORMED;
    }
    s.clientSequence = sequence;
    in.consume(Packet.HEADER + (long) length);
    if (length == Packet.CONTINUED) {
      return Outcome.SKIPPED;
    }
    finish(sequence, s);
    return Outcome.MESSAGE;
  }

  /** The command under way is complete: its answer may come. */
  static void finish(int sequence, MysqlSession s) {
    InFlight done = s.unfinished;
    s.clientContinues = false;
    s.unfinished = null;
    if (done != null && done.command().answer != Command.Answer.NONE) {
      if (s.inFlight.isEmpty()) {
        s.dataSequence = sequence;
      }
      s.inFlight.add(new InFlight(done.command(), sequence, done.statement(), done.database()));
    }
  }

  private static Outcome login(Input in, int length, int sequence, MysqlSession s, Message m) {
    int there = Math.min(in.length(), Packet.HEADER + Math.min(length, Handshake.LOOKED_AT));
    boolean whole = there == Packet.HEADER + Math.min(length, Handshake.LOOKED_AT);
    if (!whole && in.hole() == 0) {
      return Outcome.INCOMPLETE;
    }
    String database;
    if (there >= Packet.HEADER + Handshake.FIXED_41 && Handshake.isResponse41(in, 0, length)) {
      database = Handshake.readResponse41(in, 0, there, s);
      if (Handshake.isSslRequest(in, 0, length)) {
        in.consume(Packet.HEADER + (long) length);
        in.switchTo("tls");
        return Outcome.SWITCHED;
      }
    } else if (whole && s.greetingSeen && Handshake.isResponse320(in, 0, there - Packet.HEADER)) {
      database = Handshake.readResponse320(in, 0, there, s);
    } else if (!whole && s.greetingSeen) {
      database = null;
    } else {
      return Outcome.MALFORMED;
    }
    s.loginSeen = true;
    s.clientSequence = sequence;
    String name = database == null ? "" : database;
    Commands.begin(m, Message.Kind.REQUEST, Command.LOGIN.name(), s, name);
    m.resource(name);
    if (!whole) {
      m.markTruncated();
    }
    s.dataSequence = sequence;
    s.inFlight.add(new InFlight(Command.LOGIN, sequence, Statement.NONE, database));
    in.consume(Packet.HEADER + (long) length);
    return Outcome.MESSAGE;
  }

  private Outcome command(Input in, int length, MysqlSession s, Message m) {
    if (in.length() <= Packet.HEADER) {
      return length == 0 ? Outcome.MALFORMED : Outcome.INCOMPLETE;
    }
    Command command = Command.of(in.u8(Packet.HEADER));
    if (command == null
        || !command.fits(length)
        || s.inFlight.size() >= MysqlSession.MOST_IN_FLIGHT) {
      return Outcome.MALFORMED;
    }
    int looked = Packet.HEADER + Math.min(length, command.hasText() ? LONGEST_TEXT : LONGEST_HEAD);
    int end = Math.min(looked, in.length());
    if (end < looked && in.hole() == 0) {
      return Outcome.INCOMPLETE;
    }
    if (command.hasText() && !looksLikeText(in, command, end)) {
      return Outcome.MALFORMED;
    }
    s.loginSeen = true;
    s.clientData = false;
    s.clientSequence = 0;
    s.unfinished = commands.read(in, command, end, end < Packet.HEADER + length, s, m);
    if (end < looked) {
      m.markTruncated();
    }
    in.consume(Packet.HEADER + (long) length);
    if (length == Packet.CONTINUED) {
      s.clientContinues = true;
      return Outcome.SKIPPED;
    }
    finish(0, s);
    return Outcome.MESSAGE;
  }

  private static boolean looksLikeText(Input in, Command command, int end) {
    int first = Packet.HEADER + 1;
    return command == Command.MULTI
        || first >= end
        || in.u8(first) >= '\t'
        || QueryAttributes.present(in, first, end);
  }
}
