package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Status;
import io.kymo.protocol.mysql.MysqlSession.Eof;
import io.kymo.protocol.mysql.MysqlSession.Phase;

/**
 * Reads what servers send: the greeting, then one answer for each command. What a packet means
 * depends on the command it answers ("Command Phase" in MySQL's documentation):
 *
 * <pre>
 *  OK | ERR | 0xfb file name, then OK | ERR behind the file | result set
 * </pre>
 *
 * <p>and once more while MORE_RESULTS is set. The numbers of an answer's packets go on from the
 * command's.
 */
final class Responses {
  private Responses() {}

  /** Takes as many packets as are there, up to the end of the answer. */
  static Outcome decode(Input in, MysqlSession s, Message m) {
    int at = 0;
    while (true) {
      if (in.length() - at < Packet.HEADER) {
        return taken(in, at, Outcome.INCOMPLETE);
      }
      boolean begun = m.begun();
      Step step = begun ? next(in, at, s, m) : start(in, at, s, m);
      switch (step) {
        case MORE -> {
          return taken(in, at, Outcome.INCOMPLETE);
        }
        case WRONG -> {
          return taken(in, at, Outcome.MALFORMED);
        }
        case ORPHAN -> {
          if (at == 0) {
            in.awaitRequest();
          }
          return taken(in, at, Outcome.INCOMPLETE);
        }
        case TAKEN, LAST, SWITCH -> {
          s.serverSequence = Packet.sequence(in, at);
          at += Packet.HEADER + Packet.length(in, at);
          if (step != Step.TAKEN) {
            in.consume(at);
            return step == Step.LAST ? Outcome.MESSAGE : Outcome.SWITCHED;
          }
          if (!m.begun() || at >= in.length()) {
            return taken(in, at, Outcome.INCOMPLETE);
          }
        }
      }
    }
  }

  private static Outcome taken(Input in, int at, Outcome otherwise) {
    if (at == 0) {
      return otherwise;
    }
    in.consume(at);
    return Outcome.SKIPPED;
  }

  /** The first packet of an answer, a greeting, or something nobody asked for. */
  private static Step start(Input in, int at, MysqlSession s, Message m) {
    int length = Packet.length(in, at);
    int sequence = Packet.sequence(in, at);
    if (length == 0) {
      return Step.WRONG;
    }
    if (in.length() - at <= Packet.HEADER) {
      return Step.MORE;
    }
    int first = in.u8(at + Packet.HEADER);
    if (sequence == 0 && !s.greetingSeen && first != Packet.ERR) {
      if (!Handshake.mayBeGreeting(in, at, length)) {
        return Step.WRONG;
      }
      if (in.length() - at < Packet.HEADER + length) {
        return Step.MORE;
      }
      if (!Handshake.isGreeting(in, at, length)) {
        return Step.WRONG;
      }
      Handshake.readGreeting(in, at, length, s);
      return Step.TAKEN;
    }
    if (s.eofMayFollow) {
      s.eofMayFollow = false;
      boolean eof = first == Packet.EOF && length == 5 && sequence == (s.serverSequence + 1 & 0xff);
      s.eof = eof ? Eof.SENT : Eof.DEPRECATED;
      if (eof) {
        return Step.TAKEN;
      }
    }
    InFlight head = s.inFlight.peek();
    if (head == null) {
      if (sequence == 0 && first == Packet.ERR) {
        return unasked(in, at, length, s, m);
      }
      // the answer to a login has number 2 or, encrypted, 3
      return sequence >= 1 && sequence <= 3 ? Step.ORPHAN : Step.WRONG;
    }
    if (!follows(sequence, first, head)) {
      return Step.WRONG;
    }
    s.expectFirst();
    Step step = first(in, at, length, s, m);
    if (step != Step.MORE && step != Step.WRONG) {
      m.begin(Message.Kind.RESPONSE);
    }
    return step;
  }

  private static boolean follows(int sequence, int first, InFlight head) {
    if (head.command().answer == Command.Answer.AUTH) {
      return sequence > head.sequence() || first == Packet.ERR;
    }
    if (head.sequence() < 0) {
      return true;
    }
    // an error may have been sent before the command was read
    return sequence == (head.sequence() + 1 & 0xff) || sequence == 0 && first == Packet.ERR;
  }

  /**
   * An error instead of a greeting (too many connections, host blocked), or before the server hangs
   * up (idle, killed).
   */
  private static Step unasked(Input in, int at, int length, MysqlSession s, Message m) {
    Step step = Endings.error(in, at, length, s, m);
    if (step == Step.LAST) {
      m.begin(Message.Kind.ONE_WAY);
      String operation = s.greetingSeen || s.loginSeen ? "DISCONNECT" : Command.LOGIN.name();
      m.operation(operation);
      m.attribute("db.operation.name", operation);
    }
    return step;
  }

  /** Any packet behind the first of an answer. */
  private static Step next(Input in, int at, MysqlSession s, Message m) {
    int length = Packet.length(in, at);
    int sequence = Packet.sequence(in, at);
    InFlight head = s.inFlight.peek();
    if (head == null) {
      return Step.WRONG;
    }
    if (sequence != (s.serverSequence + 1 & 0xff)) {
      if (!s.clientHasItsTurn()) {
        return Step.WRONG;
      }
      // numbers are shared: it answers packets of the client
      if (s.dataSequence != MysqlSession.NOT_SEEN && sequence != (s.dataSequence + 1 & 0xff)) {
        return Step.ORPHAN;
      }
    }
    if (s.serverContinues) {
      s.serverContinues = length == Packet.CONTINUED;
      return Step.TAKEN;
    }
    if (length == 0) {
      return Step.WRONG;
    }
    if (in.length() - at <= Packet.HEADER) {
      return Step.MORE;
    }
    if (in.u8(at + Packet.HEADER) == Packet.ERR && s.phase != Phase.FIRST) {
      return Endings.error(in, at, length, s, m);
    }
    return switch (s.phase) {
      case FIRST -> first(in, at, length, s, m);
      case COLUMNS -> ResultSets.definition(in, at, length, s, m, Phase.AFTER_COLUMNS);
      case AFTER_COLUMNS -> ResultSets.afterColumns(in, at, length, s, m);
      case ROWS -> ResultSets.row(in, at, length, s, m);
      case FIELDS ->
          Endings.isEnd(in, at, length)
              ? Endings.end(in, at, length, s, m)
              : ResultSets.definition(in, at, length, s, m, Phase.FIELDS);
      case PARAMETERS -> ResultSets.definition(in, at, length, s, m, Phase.AFTER_PARAMETERS);
      case AFTER_PARAMETERS -> ResultSets.afterParameters(in, at, length, s, m);
      case PREPARED_COLUMNS ->
          ResultSets.definition(in, at, length, s, m, Phase.AFTER_PREPARED_COLUMNS);
      case AFTER_PREPARED_COLUMNS ->
          Endings.isEnd(in, at, length) ? ResultSets.prepared(s, m) : Step.WRONG;
      case INFILE ->
          in.u8(at + Packet.HEADER) == Packet.OK ? Endings.end(in, at, length, s, m) : Step.WRONG;
    };
  }

  private static Step first(Input in, int at, int length, MysqlSession s, Message m) {
    int first = in.u8(at + Packet.HEADER);
    if (first == Packet.ERR) {
      return Endings.error(in, at, length, s, m);
    }
    return switch (s.inFlight.element().command().answer) {
      case RESULT -> {
        if (first == Packet.OK || Endings.isEnd(in, at, length)) {
          yield Endings.end(in, at, length, s, m);
        }
        if (first == Packet.LOCAL_INFILE) {
          s.phase = Phase.INFILE;
          yield Step.TAKEN;
        }
        yield ResultSets.count(in, at, length, s);
      }
      case FIELDS ->
          Endings.isEnd(in, at, length)
              ? Endings.end(in, at, length, s, m)
              : ResultSets.definition(in, at, length, s, m, Phase.FIELDS);
      case ROWS -> {
        s.resultSet = true;
        s.phase = Phase.ROWS;
        yield ResultSets.row(in, at, length, s, m);
      }
      case TEXT -> {
        Endings.finish(s, m, Status.OK);
        yield Step.LAST;
      }
      case PREPARE -> ResultSets.prepare(in, at, length, first, s, m);
      case AUTH -> first == Packet.OK ? loggedIn(in, at, length, s, m) : Step.TAKEN;
      case REPLICATION -> {
        in.switchTo(s.inFlight.element().command() == Command.CLONE ? "clone" : "replication");
        Endings.finish(s, m, Status.OK);
        yield Step.SWITCH;
      }
      case NONE -> Step.WRONG;
    };
  }

  private static Step loggedIn(Input in, int at, int length, MysqlSession s, Message m) {
    boolean login = s.inFlight.element().command() == Command.LOGIN;
    Step step = Endings.end(in, at, length, s, m);
    if (step == Step.LAST
        && login
        && (s.both(Capabilities.COMPRESS) || s.both(Capabilities.ZSTD))) {
      in.switchTo("compressed");
      return Step.SWITCH;
    }
    return step;
  }
}
