package io.kymo.protocol.mysql;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import io.kymo.protocol.Status;
import io.kymo.protocol.Verdict;

/**
 * MySQL's client/server protocol ("MySQL Internals: Client/Server Protocol", as of MySQL 9) and
 * MariaDB's dialect of it ("Client/Server Protocol" in its knowledge base, as of 11).
 *
 * <p>An exchange is a command and its whole answer, however many results that has; the login is
 * one. Statements that are prepared are remembered by the id the server gives them, so that
 * executions carry their text. Commands without an answer (QUIT, STMT_CLOSE, STMT_SEND_LONG_DATA)
 * are one-way. Connections that turn to TLS, compression or replication are handed back as such.
 */
public final class MysqlParser implements Parser {
  private final Requests requests;

  public MysqlParser(Privacy privacy) {
    this.requests = new Requests(new Sql(privacy));
  }

  @Override
  public Verdict recognise(Input client, Input server, Flow flow) {
    return Recognition.judge(client, server, flow);
  }

  @Override
  public Session newSession(Flow flow) {
    return new MysqlSession();
  }

  @Override
  public Outcome decode(Input in, Side side, Session session, Message message) {
    MysqlSession s = (MysqlSession) session;
    return side == Side.CLIENT ? requests.decode(in, s, message) : Responses.decode(in, s, message);
  }

  @Override
  public boolean truncated(Input in, Side side, Session session, Message message) {
    MysqlSession s = (MysqlSession) session;
    if (side == Side.SERVER) {
      return Endings.truncated(in, s, message);
    }
    s.clientData = false;
    s.clientSequence = MysqlSession.NOT_SEEN;
    s.dataSequence = MysqlSession.NOT_SEEN;
    if (!message.begun()) {
      return false;
    }
    message.markTruncated();
    Requests.finish(-1, s); // of a command over several packets, the last was not captured
    return true;
  }

  /** A command, or the file that the server asked for, was never sent to its end. */
  @Override
  public boolean completeAtEnd(Side side, Session session, Message message) {
    MysqlSession s = (MysqlSession) session;
    if (side == Side.CLIENT) {
      Requests.finish(-1, s);
      return true;
    }
    if (s.phase != MysqlSession.Phase.INFILE) {
      return false;
    }
    Endings.finish(s, message, Status.OK);
    message.brokenOff();
    return true;
  }

  @Override
  public void passedOver(long bytes, Side side, Session session) {
    MysqlSession s = (MysqlSession) session;
    if (side == Side.CLIENT && s.phase == MysqlSession.Phase.INFILE) {
      s.dataBytes += bytes;
    }
  }

  @Override
  public void lost(Side side, Session session) {
    MysqlSession s = (MysqlSession) session;
    s.forgetInFlight();
    if (side == Side.CLIENT) {
      s.clientData = false;
      s.clientContinues = false;
      s.unfinished = null;
    }
  }

  @Override
  public int resync(Input in, int from, Side side, Session session) {
    return side == Side.CLIENT ? Resync.client(in, from) : Resync.server(in, from);
  }
}
