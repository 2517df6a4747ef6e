package io.kymo.stack.engine;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Connections to the one engine of this process. A connection whose settings or database a
 * statement has changed is not handed out again: opening one takes a millisecond.
 */
final class ConnectionPool implements AutoCloseable {
  private static final int MAX_IDLE = 8;

  private final String[] arguments;
  private final AtomicLong number = new AtomicLong();
  private final ArrayDeque<EngineConnection> idle = new ArrayDeque<>();

  /** Keeps the engine up while no statement runs, and kills statements of other connections. */
  private final EngineConnection control;

  /**
   * @param memoryRatio share of the machine's memory that the engine may take
   * @param more arguments for the engine
   */
  ConnectionPool(Path data, double memoryRatio, List<String> more) throws EngineException {
    List<String> all = new ArrayList<>(more);
    all.add("--path=" + data.toAbsolutePath());
    all.add("--max_server_memory_usage_to_ram_ratio=" + memoryRatio);
    // The defaults are for a machine of its own: gigabytes.
    all.add("--mark_cache_size=" + (128 << 20));
    all.add("--index_mark_cache_size=" + (32 << 20));
    all.add("--primary_index_cache_size=" + (128 << 20));
    // As a server has it: the embedded engine takes expressions for statements.
    all.add("--implicit_select=0");
    // An acknowledged row is in a part on disk.
    all.add("--async_insert=0");
    this.arguments = all.toArray(String[]::new);
    this.control = open();
  }

  EngineConnection lend() throws EngineException {
    synchronized (idle) {
      if (!idle.isEmpty()) {
        return idle.pop();
      }
    }
    return open();
  }

  /**
   * @param clean whether it is as it was when it was lent
   */
  void giveBack(EngineConnection connection, boolean clean) {
    boolean kept = false;
    synchronized (idle) {
      if (clean && idle.size() < MAX_IDLE) {
        idle.push(connection);
        kept = true;
      }
    }
    if (!kept) {
      connection.close();
    }
  }

  /** Ends what a connection runs, with error QUERY_WAS_CANCELLED; returns at once. */
  void kill(EngineConnection connection) throws EngineException {
    synchronized (control) {
      control.queryText(
          "KILL QUERY WHERE Settings['log_comment'] = '" + connection.tag() + "' ASYNC");
    }
  }

  /** The same for all connections. */
  void killAll() throws EngineException {
    synchronized (control) {
      control.queryText(
          "KILL QUERY WHERE Settings['log_comment'] != '" + control.tag() + "' ASYNC");
    }
  }

  /** For facts that the façade shows, like the version. */
  String ask(String query) throws EngineException {
    synchronized (control) {
      return control.queryText(query);
    }
  }

  private EngineConnection open() throws EngineException {
    return new EngineConnection("kymo-http-" + number.incrementAndGet(), arguments);
  }

  /** Statements must have ended; the engine ends with its last connection. */
  @Override
  public void close() {
    synchronized (idle) {
      idle.forEach(EngineConnection::close);
      idle.clear();
    }
    control.close();
    ChdbLibrary.chdb_shutdown();
  }
}
