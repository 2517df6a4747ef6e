package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Status;

/**
 * The client's messages before it is let in (§55.2.1): requests for encryption, the startup
 * message, or a cancel request instead. Passwords follow later and are skipped.
 */
final class Logins {
  /** Type of the TLS record that begins a connection. */
  private static final int TLS_HANDSHAKE = 22;

  private Logins() {}

  static Outcome startup(Input in, PostgresSession s, Message m) {
    if (s.expected.first() == Expected.SSL && in.length() > 0 && in.at(0) == TLS_HANDSHAKE) {
      return Outcome.INCOMPLETE; // the server's consent is about to be reported
    }
    if (!Startup.possible(in)) {
      return Outcome.MALFORMED;
    }
    if (in.length() < Startup.HEADER) {
      return Outcome.INCOMPLETE;
    }
    int length = in.i32be(0);
    switch (in.i32be(4)) {
      case Startup.SSL -> s.expected.add(Expected.SSL, 0);
      case Startup.GSSENC -> s.expected.add(Expected.GSSENC, 0);
      case Startup.CANCEL -> {
        m.begin(Kind.ONE_WAY);
        m.operation("CANCEL");
        m.status(Status.OK, "");
        Requests.attributes(m, s);
        in.consume(length);
        return Outcome.MESSAGE;
      }
      default -> {
        return login(in, length, s, m);
      }
    }
    in.consume(length);
    return Outcome.SKIPPED;
  }

  private static Outcome login(Input in, int length, PostgresSession s, Message m) {
    if (!Startup.parametersValid(in)) {
      return Outcome.MALFORMED;
    }
    if (in.length() < length) {
      if (in.hole() == 0) {
        return Outcome.INCOMPLETE;
      }
      m.markTruncated();
    }
    String user = Startup.parameter(in, "user");
    String database = Startup.parameter(in, "database");
    s.database = database.isEmpty() ? user : database;
    s.startup = false;
    s.fresh = false;
    s.lost = false;
    s.clientResync = false;
    s.serverResync = false;
    s.expected.add(Expected.LOGIN, 0);
    m.begin(Kind.REQUEST);
    m.operation("CONNECT");
    Requests.attributes(m, s);
    m.attribute("capture.db.user", user);
    m.attribute("capture.db.application", Startup.parameter(in, "application_name"));
    in.consume(length);
    return Outcome.MESSAGE;
  }
}
