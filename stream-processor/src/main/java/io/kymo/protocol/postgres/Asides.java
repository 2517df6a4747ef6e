package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Status;

/**
 * What the server says that is no part of an answer: to a request for encryption, of parameters
 * that changed, notices, notifications, and errors that nobody caused (§55.2.7).
 */
final class Asides {
  private Asides() {}

  static Outcome negotiation(Input in, PostgresSession s, int asked) {
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
    return AnswerParts.pass(in);
  }

  static Outcome parameterStatus(Input in, PostgresSession s) {
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
    return AnswerParts.pass(in);
  }

  /** Process id (4), channel, payload: both texts end with a zero byte. */
  static Outcome notification(Input in, PostgresSession s, Message m) {
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

  static Outcome notice(Input in, PostgresSession s, Message m, int asked) {
    if (Expected.isRequest(asked)) {
      AnswerParts.begin(s, m);
    } else if (asked == Expected.NONE && !s.lost) {
      in.awaitRequest();
      return Outcome.INCOMPLETE;
    }
    return AnswerParts.pass(in);
  }

  static Outcome unasked(Input in, PostgresSession s, Message m) {
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
      return AnswerParts.pass(in);
    }
    if (in.length() < Frame.HEADER + 1) {
      return Outcome.INCOMPLETE;
    }
    AnswerParts.ready(in, s);
    in.consume(Frame.HEADER + 1);
    return Outcome.SKIPPED;
  }

  static Outcome onItsOwn(Input in, PostgresSession s, Message m, String operation) {
    m.begin(Kind.ONE_WAY);
    m.operation(operation);
    Errors.set(in, m);
    Requests.attributes(m, s);
    in.consume(Frame.size(in, 0));
    return Outcome.MESSAGE;
  }
}
