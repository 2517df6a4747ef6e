package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Status;

/** The messages of which answers are made, and what is counted on the way. */
final class AnswerParts {
  private AnswerParts() {}

  /** A message of an answer that is not its last. */
  static Outcome content(Input in, PostgresSession s, Message m) {
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

  static Outcome error(Input in, PostgresSession s, Message m) {
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

  static Outcome pass(Input in) {
    in.consume(Frame.size(in, 0));
    return Outcome.SKIPPED;
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

  /** All that was copied has come. */
  static void copied(PostgresSession s, Message m) {
    m.moreRequestBytes(m.moreRequestBytes() + s.copiedBytes);
    if (s.copyTruncated) {
      m.markTruncated();
    }
    s.copyIn = false;
    s.copiedBytes = 0;
    s.copyEnded = false;
    s.copyTruncated = false;
  }

  static void ready(Input in, PostgresSession s) {
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
