package io.kymo.stack.engine;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Sessions by id: each holds a connection, so that temporary tables and SET last until the session
 * has not been used for its timeout. One request at a time.
 */
final class Sessions implements AutoCloseable {
  private static final int DEFAULT_TIMEOUT_S = 60;
  private static final int MAX_TIMEOUT_S = 3_600;

  private final ConnectionPool pool;
  private final Map<String, Session> sessions = new HashMap<>();

  Sessions(ConnectionPool pool) {
    this.pool = pool;
  }

  private static final class Session {
    private final EngineConnection connection;
    private boolean busy = true;
    private long expiresNs;

    Session(EngineConnection connection) {
      this.connection = connection;
    }
  }

  Lease enter(Request request) throws EngineException {
    String id = request.sessionId();
    if (id.isEmpty()) {
      return new Lease(pool.lend(), pool::giveBack, false);
    }
    long timeoutNs = TimeUnit.SECONDS.toNanos(timeout(request));
    boolean close = request.flag("close_session");
    Session session = take(id, request.flag("session_check"));
    return new Lease(
        session.connection, (connection, clean) -> leave(id, session, timeoutNs, close), true);
  }

  private Session take(String id, boolean mustExist) throws EngineException {
    synchronized (sessions) {
      Session session = sessions.get(id);
      if (session != null && session.busy) {
        throw EngineException.of(
            373, "Session " + id + " is locked by a concurrent client", "SESSION_IS_LOCKED");
      }
      if (session != null) {
        session.busy = true;
        return session;
      }
      if (mustExist) {
        throw EngineException.of(372, "Session " + id + " not found", "SESSION_NOT_FOUND");
      }
    }
    Session created = new Session(pool.lend());
    synchronized (sessions) {
      if (sessions.putIfAbsent(id, created) == null) {
        return created;
      }
    }
    pool.giveBack(created.connection, true);
    return take(id, mustExist);
  }

  private void leave(String id, Session session, long timeoutNs, boolean close) {
    synchronized (sessions) {
      session.busy = false;
      session.expiresNs = System.nanoTime() + timeoutNs;
      if (close) {
        sessions.remove(id);
      }
    }
    if (close) {
      pool.giveBack(session.connection, false);
    }
  }

  private static int timeout(Request request) throws EngineException {
    String text = request.value("session_timeout", String.valueOf(DEFAULT_TIMEOUT_S));
    int seconds;
    try {
      seconds = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      seconds = -1;
    }
    if (seconds < 0 || seconds > MAX_TIMEOUT_S) {
      throw EngineException.of(
          374,
          "Session timeout '" + text + "' is invalid or larger than " + MAX_TIMEOUT_S,
          "INVALID_SESSION_TIMEOUT");
    }
    return seconds;
  }

  /** Ends the sessions whose time is over; to be called every now and then. */
  void expire() {
    long now = System.nanoTime();
    synchronized (sessions) {
      for (Iterator<Session> i = sessions.values().iterator(); i.hasNext(); ) {
        Session session = i.next();
        if (!session.busy && now - session.expiresNs >= 0) {
          i.remove();
          pool.giveBack(session.connection, false);
        }
      }
    }
  }

  @Override
  public void close() {
    synchronized (sessions) {
      sessions.values().forEach(session -> pool.giveBack(session.connection, false));
      sessions.clear();
    }
  }
}
