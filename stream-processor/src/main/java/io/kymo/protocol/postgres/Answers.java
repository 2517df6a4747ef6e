package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
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
      return Asides.negotiation(in, s, asked);
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
      case 'S' -> Asides.parameterStatus(in, s);
      case 'A' -> m.begun() ? AnswerParts.pass(in) : Asides.notification(in, s, m);
      case 'N' -> Asides.notice(in, s, m, asked);
      default ->
          switch (asked) {
            case Expected.LOGIN -> login(in, s, m);
            case Expected.UNTIL_READY -> untilReady(in, s, m);
            case Expected.EXECUTE -> execute(in, s, m);
            case Expected.PREPARE -> prepare(in, s, m);
            case Expected.SYNC, Expected.PERHAPS_SYNC -> sync(in, s, m);
            case Expected.CUT -> cut(in, s, m);
            default -> Asides.unasked(in, s, m);
          };
    };
  }

  private static Outcome login(Input in, PostgresSession s, Message m) {
    switch (in.at(0)) {
      case 'R', 'K', 'v' -> {
        AnswerParts.begin(s, m);
        return AnswerParts.pass(in);
      }
      case 'E' -> {
        Outcome outcome = AnswerParts.error(in, s, m);
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
    return in.at(0) == 'Z' ? atReady(in, s, m) : AnswerParts.content(in, s, m);
  }

  private static Outcome cut(Input in, PostgresSession s, Message m) {
    if (in.at(0) != 'Z') {
      return AnswerParts.content(in, s, m);
    }
    return s.expected.untilReady() < 0 ? atReady(in, s, m) : passOver(in, s, m);
  }

  private static Outcome atReady(Input in, PostgresSession s, Message m) {
    if (in.length() < Frame.HEADER + 1) {
      return Outcome.INCOMPLETE;
    }
    if (!m.begun()) {
      AnswerParts.begin(s, m);
      m.status(Status.UNKNOWN, "");
      m.markTruncated(); // what stood before it was lost
    }
    Outcome outcome = end(s, m);
    AnswerParts.ready(in, s);
    in.consume(Frame.HEADER + 1);
    return outcome;
  }

  private static Outcome execute(Input in, PostgresSession s, Message m) {
    byte type = in.at(0);
    if (s.failed) {
      return type == 'Z' ? passOver(in, s, m) : Outcome.MALFORMED;
    }
    Outcome outcome = AnswerParts.content(in, s, m);
    boolean last = type == 'C' || type == 'I' || type == 's';
    return last && outcome == Outcome.SKIPPED ? end(s, m) : outcome;
  }

  private static Outcome prepare(Input in, PostgresSession s, Message m) {
    switch (in.at(0)) {
      case 'Z' -> {
        return s.failed ? passOver(in, s, m) : Outcome.MALFORMED;
      }
      case 'E' -> {
        return s.failed ? Outcome.MALFORMED : AnswerParts.error(in, s, m);
      }
      case '1', '2', '3', 'T', 'n' -> {
        AnswerParts.begin(s, m);
        AnswerParts.pass(in);
        if (!s.expected.confirmed()) {
          return Outcome.SKIPPED;
        }
        m.markUnreported();
        return end(s, m);
      }
      case 't' -> {
        AnswerParts.begin(s, m);
        return AnswerParts.pass(in);
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
    AnswerParts.begin(s, m);
    m.skipsRequests(requests);
    AnswerParts.finish(s, m);
    s.expected.removeUntilReady();
    AnswerParts.ready(in, s);
    in.consume(Frame.HEADER + 1);
    return Outcome.MESSAGE;
  }

  private static Outcome sync(Input in, PostgresSession s, Message m) {
    if (in.at(0) == 'E') { // the transaction could not be committed: deferred constraints
      return Errors.readable(in) ? Asides.onItsOwn(in, s, m, "SYNC") : Outcome.INCOMPLETE;
    }
    if (in.at(0) != 'Z') {
      return Outcome.MALFORMED;
    }
    if (in.length() < Frame.HEADER + 1) {
      return Outcome.INCOMPLETE;
    }
    s.expected.remove();
    AnswerParts.ready(in, s);
    in.consume(Frame.HEADER + 1);
    return Outcome.SKIPPED;
  }

  private static Outcome end(PostgresSession s, Message m) {
    AnswerParts.finish(s, m);
    s.expected.remove();
    return Outcome.MESSAGE;
  }
}
