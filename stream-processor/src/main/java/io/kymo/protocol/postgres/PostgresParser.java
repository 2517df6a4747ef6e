package io.kymo.protocol.postgres;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import io.kymo.protocol.Status;
import io.kymo.protocol.Verdict;
import io.kymo.protocol.sql.SqlNormaliser;
import io.kymo.protocol.sql.SqlStatement;

/**
 * PostgreSQL, protocol 3.0 and 3.2 (PostgreSQL documentation, chapter 55): login, simple and
 * extended queries with pipelining, copies, cancels, notifications. TLS, GSSAPI encryption and
 * replication end the protocol. Values never leave: parameters, rows, passwords and error texts are
 * not looked at, literals are taken out of the text.
 */
public final class PostgresParser implements Parser {
  private final Requests requests;

  public PostgresParser(Privacy privacy) {
    requests = new Requests(new SqlNormaliser(privacy.sqlLiterals()));
  }

  @Override
  public Verdict recognise(Input client, Input server, Flow flow) {
    return Recognition.of(client, server, flow);
  }

  @Override
  public Session newSession(Flow flow) {
    return new PostgresSession(flow.fromStart());
  }

  @Override
  public Outcome decode(Input in, Side side, Session session, Message message) {
    PostgresSession s = (PostgresSession) session;
    return side == Side.CLIENT ? requests.read(in, s, message) : Answers.read(in, s, message);
  }

  @Override
  public boolean truncated(Input in, Side side, Session session, Message message) {
    PostgresSession s = (PostgresSession) session;
    return side == Side.CLIENT ? requestTruncated(s, message) : answerTruncated(s, message);
  }

  /** The rest of the burst is unknown; most probably it ends with a Sync. */
  private static boolean requestTruncated(PostgresSession s, Message m) {
    s.confirmations = 0;
    if (m.begun()) {
      if (m.operation().isEmpty()) {
        Requests.describe(m, s, SqlStatement.EMPTY, "EXECUTE");
      }
      return s.expected.add(Expected.CUT, 0);
    }
    int last = s.expected.last();
    if (s.copyIn) {
      s.copyEnded = true;
      s.copyTruncated = true;
    } else if (last == Expected.EXECUTE || last == Expected.PREPARE) {
      s.expected.add(Expected.PERHAPS_SYNC, 0);
    }
    return false;
  }

  @Override
  public void passedOver(long bytes, Side side, Session session) {
    PostgresSession s = (PostgresSession) session;
    if (side == Side.CLIENT && s.copyTruncated) {
      s.copiedBytes += bytes;
    }
  }

  private static boolean answerTruncated(PostgresSession s, Message m) {
    int asked = s.expected.first();
    boolean answer = Expected.isRequest(asked);
    if (answer && !m.begun()) {
      m.begin(Kind.RESPONSE);
      m.status(Status.UNKNOWN, "");
    }
    if (answer) {
      AnswerParts.finish(s, m);
    }
    if (answer && asked == Expected.PREPARE && m.errorType().isEmpty()) {
      m.markUnreported();
    }
    s.expected.clear();
    s.resetAnswer();
    return m.begun();
  }

  /**
   * After a fatal error the server closes without ReadyForQuery. A request, or the data that the
   * server asked for, may never be sent to its end.
   */
  @Override
  public boolean completeAtEnd(Side side, Session session, Message message) {
    PostgresSession s = (PostgresSession) session;
    if (side == Side.CLIENT) {
      return requestTruncated(s, message);
    }
    if (s.copyIn) {
      AnswerParts.copied(s, message);
      message.brokenOff();
      return true;
    }
    return s.failed;
  }

  @Override
  public void lost(Side side, Session session) {
    PostgresSession s = (PostgresSession) session;
    if (side == Side.CLIENT) {
      s.clientLost();
    } else {
      s.serverLost();
    }
  }

  @Override
  public int resync(Input in, int from, Side side, Session session) {
    // the answers that follow in a damaged burst are to requests that were given up with it
    return side == Side.CLIENT ? Recognition.find(in, from) : -1;
  }
}
