package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Status;

/**
 * ErrorResponse: fields of a type (1) and a text that ends with a zero byte (§55.8). Only severity
 * (V, not translated) and SQLSTATE (C) are read, which stand first; the text may hold values.
 */
final class Errors {
  /** Severity, severity, SQLSTATE: far less. */
  static final int LOOKED_AT = 128;

  private Errors() {}

  /** Enough is there, or will never be. */
  static boolean readable(Input in) {
    return in.length() >= Math.min(Frame.size(in, 0), LOOKED_AT) || in.hole() > 0;
  }

  static boolean fatal(Input in) {
    String severity = field(in, 'V');
    return severity.equals("FATAL") || severity.equals("PANIC");
  }

  static void set(Input in, Message m) {
    String state = field(in, 'C');
    m.status(status(state), state);
    m.errorType(state.isEmpty() ? "_OTHER" : state);
    m.attribute("db.response.status_code", state);
  }

  /**
   * By class (appendix A): the server's are those in which the same request may well succeed at
   * another time: 08 connection, 40 rolled back for another's sake (deadlock, serialization), 53
   * resources, 57 operator (also statement_timeout), 58 system, 72 snapshot too old, F0
   * configuration, HV foreign data, XX internal. All else is the client's.
   */
  static Status status(String state) {
    if (state.length() < 2) {
      return Status.SERVER_ERROR;
    }
    return switch (state.substring(0, 2)) {
      case "08", "40", "53", "57", "58", "72", "F0", "HV", "XX" -> Status.SERVER_ERROR;
      default -> Status.CLIENT_ERROR;
    };
  }

  private static String field(Input in, char type) {
    int to = (int) Math.min(Math.min(Frame.size(in, 0), LOOKED_AT), in.length());
    int i = Frame.HEADER;
    while (i < to && in.at(i) != 0) {
      int zero = in.indexOf((byte) 0, i + 1, to);
      if (zero < 0) {
        return "";
      }
      if (in.at(i) == type) {
        return word(in, i + 1, zero);
      }
      i = zero + 1;
    }
    return "";
  }

  /** Capitals and digits only: nothing else is a severity or a SQLSTATE. */
  private static String word(Input in, int from, int to) {
    for (int i = from; i < to; i++) {
      int c = in.at(i);
      boolean capital = c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      if (!capital || to - from > 8) {
        return "";
      }
    }
    return in.latin1(from, to);
  }
}
