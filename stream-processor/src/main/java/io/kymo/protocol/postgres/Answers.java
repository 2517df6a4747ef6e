package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Status;
import io.kymo.protocol.Verdict;

/**
 * The server's messages (§55.2). Which of them end an answer depends on what was asked ({@link
 * Expected}). After an error in the extended protocol the server passes over everything up to the
 * next Sync: executes that it did not run are no requests and make no rows, as they stand in no log
 * of the server either.
 */
final class Answers {
  private Answers() {}

  static Outcome read(Input in, PostgresSession s, Message m) {
    int asked = s.expected.first();
    if (asked == Expected.SSL || asked == Expected.GSSENC) {
      return negotiation(in, s, asked);
    }
    if (in.length() < Frame.HEADER) {
      return Outcome.INCOMPLETE;
    }
    if (!Frame.serverHeader(in, 0)) {
      return Outcome.MALFORMED;
    }
    if (s.serverResync && Recognition.chain(in, 0, false) == Verdict.NO) {
      return Outcome.MALFORMED;
    }
    if (!Frame.serverBodyThere(in)) {
      return Outcome.INCOMPLETE;
    }
    int there = (int) Math.min(Math.min(Frame.size(in, 0), Errors.LOOKED_AT), in.length());
    if (!Frame.serverBody(in, 0, there)) {
      return Outcome.MALFORMED;
    }
    s.serverResync = false;
    if (asked == Expected.PERHAPS_SYNC && in.at(0) != 'Z') {
      s.expected.remove();
      asked = s.expected.first();
    }
    return switch (in.at(0)) {
      case 'S' -> parameterStatus(in, s);
      case 'A' -> m.begun() ? pass(in) : notification(in, s, m);
      case 'N' -> notice(in, s, m, asked);
      default ->
          switch (asked) {
            case Expected.LOGIN -> login(in, s, m);
            case Expected.UNTIL_READY -> untilReady(in, s, m);
            case Expected.EXECUTE -> execute(in, s, m);
            case Expected.PREPARE -> prepare(in, s, m);
            case Expected.SYNC, Expected.PERHAPS_SYNC -> sync(in, s, m);
            case Expected.CUT -> cut(in, s, m);
            default -> unasked(in, s, m);
          };
    };
  }

  private static Outcome negotiation(Input in, PostgresSession s, int asked) {
    if (in.length() == 0) {
      return Outcome.INCOMPLETE;
    }
    byte answer = in.at(0);
    in.consume(1);
    if (answer == 'N') {
      s.expected.remove();
      return Outcome.SKIPPED;
    }
    if (answer == 'S' && asked == Expected.SSL) {
      in.switchTo("tls");
      return Outcome.SWITCHED;
    }
    if (answer == 'G' && asked == Expected.GSSENC) {
      in.switchTo("gssapi");
      return Outcome.SWITCHED;
    }
    if (answer != 'E') {
      return Outcome.MALFORMED;
    }
    // a server that knows no encryption, or has no room for one more connection
    if (in.length() < Frame.HEADER) {
      return Outcome.INCOMPLETE;
    }
    s.expected.remove();
    return pass(in);
  }

  private static Outcome parameterStatus(Input in, PostgresSession s) {
    long size = Frame.size(in, 0);
    if (in.length() < size && in.hole() == 0) {
      return Outcome.INCOMPLETE;
    }
    if (in.length() >= size) {
      String parameter = in.latin1(Frame.HEADER, (int) size - 1);
      if (parameter.startsWith("standard_conforming_strings\0")) {
        s.backslashEscapes = parameter.endsWith("off");
      }
    }
    return pass(in);
  }

  /** Process id (4), channel, payload: both texts end with a zero byte. */
  private static Outcome notification(Input in, PostgresSession s, Message m) {
    int channel = Frame.HEADER + 4;
    int zero = in.length() < channel ? -1 : in.indexOf((byte) 0, channel, in.length());
    if (zero < 0 && in.length() < Math.min(Frame.size(in, 0), channel + Frame.MAX_NAME)) {
      return Outcome.INCOMPLETE;
    }
    m.begin(Kind.ONE_WAY);
    m.operation("NOTIFY");
    m.status(Status.OK, "");
    m.resource(zero < 0 ? "" : in.utf8(channel, Math.min(zero, channel + Frame.MAX_NAME)));
    Requests.attributes(m, s);
    in.consume(Frame.size(in, 0));
    return Outcome.MESSAGE;
  }

  private static Outcome notice(Input in, PostgresSession s, Message m, int asked) {
    if (Expected.isRequest(asked)) {
      begin(s, m);
    } else if (asked == Expected.NONE && !s.lost) {
      in.awaitRequest();
      return Outcome.INCOMPLETE;
    }
    return pass(in);
  }

  private static Outcome unasked(Input in, PostgresSession s, Message m) {
    byte type = in.at(0);
    if (type == 'E') {
      if (!Errors.readable(in)) {
        return Outcome.INCOMPLETE;
      }
      if (Errors.fatal(in)) {
        return onItsOwn(in, s, m, "TERMINATE"); // shut down, idle for too long
      }
    }
    if (!s.lost) {
      in.awaitRequest();
      return Outcome.INCOMPLETE;
    }
    if (type != 'Z') {
      return pass(in);
    }
    if (in.length() < Frame.HEADER + 1) {
      return Outcome.INCOMPLETE;
    }
    ready(in, s);
    in.consume(Frame.HEADER + 1);
    return Outcome.SKIPPED;
  }

  private static Outcome onItsOwn(Input in, PostgresSession s, Message m, String operation) {
    m.begin(Kind.ONE_WAY);
    m.operation(operation);
    Errors.set(in, m);
    Requests.attributes(m, s);
    in.consume(Frame.size(in, 0));
    return Outcome.MESSAGE;
  }

  private static Outcome login(Input in, PostgresSession s, Message m) {
    switch (in.at(0)) {
      case 'R', 'K', 'v' -> {
        begin(s, m);
        return pass(in);
      }
      case 'E' -> {
        Outcome outcome = error(in, s, m);
        return outcome == Outcome.SKIPPED ? end(s, m) : outcome;
      }
      case 'Z' -> {
        return atReady(in, s, m);
      }
      default -> {
        return Outcome.MALFORMED;
      }
    }
  }

  private static Outcome untilReady(Input in, PostgresSession s, Message m) {
    return in.at(0) == 'Z' ? atReady(in, s, m) : content(in, s, m);
  }

  private static Outcome cut(Input in, PostgresSession s, Message m) {
    if (in.at(0) != 'Z') {
      return content(in, s, m);
    }
    return s.expected.untilReady() < 0 ? atReady(in, s, m) : passOver(in, s, m);
  }

  private static Outcome atReady(Input in, PostgresSession s, Message m) {
    if (in.length() < Frame.HEADER + 1) {
      return Outcome.INCOMPLETE;
    }
    if (!m.begun()) {
      begin(s, m);
      m.status(Status.UNKNOWN, "");
      m.markTruncated(); // what stood before it was lost
    }
    Outcome outcome = end(s, m);
    ready(in, s);
    in.consume(Frame.HEADER + 1);
    return outcome;
  }

  private static Outcome execute(Input in, PostgresSession s, Message m) {
    byte type = in.at(0);
    if (s.failed) {
      return type == 'Z' ? passOver(in, s, m) : Outcome.MALFORMED;
    }
    Outcome outcome = content(in, s, m);
    boolean last = type == 'C' || type == 'I' || type == 's';
    return last && outcome == Outcome.SKIPPED ? end(s, m) : outcome;
  }

  private static Outcome prepare(Input in, PostgresSession s, Message m) {
    switch (in.at(0)) {
      case 'Z' -> {
        return s.failed ? passOver(in, s, m) : Outcome.MALFORMED;
      }
      case 'E' -> {
        return s.failed ? Outcome.MALFORMED : error(in, s, m);
      }
      case '1', '2', '3', 'T', 'n' -> {
        begin(s, m);
        pass(in);
        if (!s.expected.confirmed()) {
          return Outcome.SKIPPED;
        }
        m.markUnreported();
        return end(s, m);
      }
      case 't' -> {
        begin(s, m);
        return pass(in);
      }
      default -> {
        return Outcome.MALFORMED;
      }
    }
  }

  /**
   * Ends this answer, and the requests that get none because it failed or their beginning was cut.
   */
  private static Outcome passOver(Input in, PostgresSession s, Message m) {
    int requests = s.expected.untilReady();
    if (requests < 0) {
      in.awaitRequest();
      return Outcome.INCOMPLETE;
    }
    if (in.length() < Frame.HEADER + 1) {
      return Outcome.INCOMPLETE;
    }
    begin(s, m);
    m.skipsRequests(requests);
    finish(s, m);
    s.expected.removeUntilReady();
    ready(in, s);
    in.consume(Frame.HEADER + 1);
    return Outcome.MESSAGE;
  }

  private static Outcome sync(Input in, PostgresSession s, Message m) {
    if (in.at(0) == 'E') { // the transaction could not be committed: deferred constraints
      return Errors.readable(in) ? onItsOwn(in, s, m, "SYNC") : Outcome.INCOMPLETE;
    }
    if (in.at(0) != 'Z') {
      return Outcome.MALFORMED;
    }
    if (in.length() < Frame.HEADER + 1) {
      return Outcome.INCOMPLETE;
    }
    s.expected.remove();
    ready(in, s);
    in.consume(Frame.HEADER + 1);
    return Outcome.SKIPPED;
  }

  /** A message of an answer that is not its last. */
  private static Outcome content(Input in, PostgresSession s, Message m) {
    switch (in.at(0)) {
      case 'D', 'd' -> {
        begin(s, m);
        return rows(in, s);
      }
      case 'C' -> {
        long size = Frame.size(in, 0);
        if (in.length() < size && in.hole() == 0) {
          return Outcome.INCOMPLETE;
        }
        if (s.copyIn && !s.copyEnded) {
          in.awaitRequest(); // it completes what the client has ended
          return Outcome.INCOMPLETE;
        }
        begin(s, m);
        CommandTag.count(in, (int) Math.min(size, in.length()), s);
        if (s.copyIn) {
          copied(s, m);
        }
        return pass(in);
      }
      case 'E' -> {
        return error(in, s, m);
      }
      case 'G' -> {
        begin(s, m);
        s.copyIn = true;
        return pass(in);
      }
      case 'W' -> {
        begin(s, m);
        finish(s, m);
        in.switchTo("replication");
        in.consume(Frame.size(in, 0));
        return Outcome.SWITCHED;
      }
      case 'Z', 'R', 'K', 'v' -> {
        return Outcome.MALFORMED;
      }
      default -> {
        begin(s, m);
        return pass(in);
      }
    }
  }

  /** As many rows as begin in these bytes; the last need not be whole. */
  private static Outcome rows(Input in, PostgresSession s) {
    byte type = in.at(0);
    long size = 0;
    do {
      size += Frame.size(in, (int) size);
      s.rows += type == 'D' ? 1 : 0;
    } while (size + Frame.HEADER + 2 <= in.length()
        && in.at((int) size) == type
        && Frame.serverHeader(in, (int) size)
        && Frame.serverBody(in, (int) size, in.length()));
    in.consume(size);
    return Outcome.SKIPPED;
  }

  private static Outcome error(Input in, PostgresSession s, Message m) {
    if (!Errors.readable(in)) {
      return Outcome.INCOMPLETE;
    }
    begin(s, m);
    s.failed = true;
    s.copyIn = false;
    Errors.set(in, m);
    return pass(in);
  }

  static void begin(PostgresSession s, Message m) {
    if (!m.begun()) {
      m.begin(Kind.RESPONSE);
      m.status(Status.OK, "");
      s.resetAnswer();
    }
  }

  private static Outcome pass(Input in) {
    in.consume(Frame.size(in, 0));
    return Outcome.SKIPPED;
  }

  private static Outcome end(PostgresSession s, Message m) {
    finish(s, m);
    s.expected.remove();
    return Outcome.MESSAGE;
  }

  /** What was counted, into the message. */
  static void finish(PostgresSession s, Message m) {
    if (s.counted || s.rows > 0) {
      m.attribute("db.response.returned_rows", Long.toString(Math.max(s.returned, s.rows)));
    }
    if (s.affected > 0) {
      m.attribute("capture.db.affected_rows", Long.toString(s.affected));
    }
    m.attribute("capture.db.transaction", transaction(s.transaction));
    s.lost = false;
    s.resetAnswer();
  }

  private static void copied(PostgresSession s, Message m) {
    m.moreRequestBytes(m.moreRequestBytes() + s.copiedBytes);
    if (s.copyTruncated) {
      m.markTruncated();
    }
    s.copyIn = false;
    s.copiedBytes = 0;
    s.copyEnded = false;
    s.copyTruncated = false;
  }

  private static void ready(Input in, PostgresSession s) {
    s.transaction = in.at(Frame.HEADER);
    s.lost = false;
  }

  /** In which the request was answered, by the last ReadyForQuery before it. */
  private static String transaction(byte status) {
    return switch (status) {
      case PostgresSession.IN_TRANSACTION -> "open";
      case PostgresSession.FAILED_TRANSACTION -> "failed";
      default -> "";
    };
  }
}
