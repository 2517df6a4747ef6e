package io.kymo.stack.engine;

import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One connection to the engine: settings, temporary tables and the current database are its own. It
 * runs one statement at a time.
 */
final class EngineConnection implements AutoCloseable {
  private static final int APPEND_BYTES = 1 << 18;

  /** Of chdb_query_class. */
  private static final int READ_ONLY = 0;

  private static final int CONTROL = 3;
  private static final int UNKNOWN = 4;

  private final String tag;
  private Pointer returned;
  private Pointer handle;

  /**
   * @param tag names this connection's statements in system.processes, so that another connection
   *     can kill them
   */
  EngineConnection(String tag, String... arguments) throws EngineException {
    this.tag = tag;
    String[] all = new String[arguments.length + 2];
    all[0] = "clickhouse";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[arguments.length + 1] = "--log_comment=" + tag;
    StringArray argv = new StringArray(all);
    try {
      returned = ChdbLibrary.chdb_connect(all.length, argv);
    } finally {
      Reference.reachabilityFence(argv);
    }
    if (returned == null) {
      throw EngineException.of("the engine does not open a connection");
    }
    handle = returned.getPointer(0);
  }

  String tag() {
    return tag;
  }

  /**
   * Runs a statement to its end.
   *
   * @param format of the result when the statement names none
   * @param parameters values of {name:Type}, in ClickHouse's escaped form
   */
  Result query(String statement, String format, Map<String, String> parameters)
      throws EngineException {
    return query(bytes(statement), format, parameters);
  }

  Result query(byte[] statement, String format, Map<String, String> parameters)
      throws EngineException {
    byte[] formatBytes = bytes(format);
    long start = System.nanoTime();
    try (NativeStrings names = new NativeStrings(parameters.keySet());
        NativeStrings values = new NativeStrings(parameters.values())) {
      Pointer result =
          ChdbLibrary.chdb_query_with_params_n(
              handle(),
              statement,
              statement.length,
              formatBytes,
              formatBytes.length,
              names.pointers(),
              names.lengths(),
              values.pointers(),
              values.lengths(),
              names.count());
      return Result.of(result, System.nanoTime() - start);
    }
  }

  /** For statements of the façade's own. */
  String queryText(String statement) throws EngineException {
    try (Result result = query(statement, "TabSeparatedRaw", Map.of())) {
      return new String(result.bytes(), StandardCharsets.UTF_8).strip();
    }
  }

  /**
   * @throws EngineException when the text is more than one statement, in the engine's words
   */
  void requireSingle(byte[] statement) throws EngineException {
    Pointer stream =
        ChdbLibrary.chdb_stream_query_n(
            handle(), statement, statement.length, bytes("Null"), "Null".length());
    Pointer error = ChdbLibrary.chdb_result_error(stream);
    String text = error == null ? null : error.getString(0, "UTF-8");
    if (text == null) {
      ChdbLibrary.chdb_stream_cancel_query(handle(), stream);
    }
    ChdbLibrary.chdb_destroy_query_result(stream);
    EngineException e = text == null ? null : EngineException.of(text);
    if (e != null && e.code() == EngineException.SYNTAX_ERROR) {
      throw e;
    }
  }

  /** Whether the engine's parser says that the statement changes nothing beyond its session. */
  boolean readOnly(byte[] statement) {
    int[] analysis = {4 * Integer.BYTES, 0, 0, UNKNOWN};
    ChdbLibrary.chdb_classify_query_n(handle(), statement, statement.length, null, 0, analysis);
    // What does not parse is let through to the engine, which says why.
    return analysis[3] == READ_ONLY || analysis[3] == UNKNOWN;
  }

  /** Whether the statement only concerns its session, like SET and USE. */
  boolean sessionOnly(byte[] statement) {
    int[] analysis = {4 * Integer.BYTES, 0, 0, UNKNOWN};
    ChdbLibrary.chdb_classify_query_n(handle(), statement, statement.length, null, 0, analysis);
    return analysis[3] == CONTROL;
  }

  /**
   * Inserts what the stream holds, as it comes.
   *
   * @param statement without FORMAT clause and data
   * @throws IOException when {@code data} cannot be read; blocks that are complete may stay
   */
  Statistics insert(
      String statement, String format, Map<String, String> parameters, InputStream data)
      throws EngineException, IOException {
    long start = System.nanoTime();
    Pointer stream = beginInsert(bytes(statement), bytes(format), parameters);
    try {
      Pointer error = ChdbLibrary.chdb_stream_insert_error(stream);
      if (error != null) {
        throw EngineException.of(error.getString(0, "UTF-8"));
      }
      byte[] buffer = new byte[APPEND_BYTES];
      int n;
      while ((n = data.readNBytes(buffer, 0, buffer.length)) > 0) {
        if (ChdbLibrary.chdb_stream_append(stream, buffer, n) != 0) {
          break; // done() tells why
        }
      }
      Pointer done = ChdbLibrary.chdb_stream_done(stream);
      try (Result result = Result.of(done, System.nanoTime() - start)) {
        return result.statistics();
      }
    } finally {
      ChdbLibrary.chdb_destroy_insert_stream(stream);
    }
  }

  private Pointer beginInsert(byte[] statement, byte[] format, Map<String, String> parameters) {
    try (NativeStrings names = new NativeStrings(parameters.keySet());
        NativeStrings values = new NativeStrings(parameters.values())) {
      return ChdbLibrary.chdb_stream_insert_with_params_n(
          handle(),
          statement,
          statement.length,
          format,
          format.length,
          names.pointers(),
          names.lengths(),
          values.pointers(),
          values.lengths(),
          names.count());
    }
  }

  private Pointer handle() {
    if (handle == null) {
      throw new IllegalStateException("connection " + tag + " is closed");
    }
    return handle;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    if (returned != null) {
      ChdbLibrary.chdb_close_conn(returned);
      returned = null;
      handle = null;
    }
  }
}
