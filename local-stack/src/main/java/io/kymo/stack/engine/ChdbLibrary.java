package io.kymo.stack.engine;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.StringArray;
import io.kymo.stack.StartException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * libchdb's C interface as of 26.7 (chdb.h of chdb-core), bound directly. {@code long} stands for
 * size_t and uint64_t: the library exists for 64-bit Linux only.
 */
final class ChdbLibrary {
  private ChdbLibrary() {}

  static native void chdb_set_signal_handlers_enabled(int enabled);

  static native Pointer chdb_connect(int argc, StringArray argv);

  static native void chdb_close_conn(Pointer returnedByConnect);

  static native int chdb_shutdown();

  static native String chdb_version();

  static native Pointer chdb_query_with_params_n(
      Pointer connection,
      byte[] query,
      long queryLength,
      byte[] format,
      long formatLength,
      Pointer names,
      Pointer nameLengths,
      Pointer values,
      Pointer valueLengths,
      long count);

  static native Pointer chdb_stream_query_n(
      Pointer connection, byte[] query, long queryLength, byte[] format, long formatLength);

  static native void chdb_stream_cancel_query(Pointer connection, Pointer stream);

  static native int chdb_classify_query_n(
      Pointer connection,
      byte[] query,
      long queryLength,
      byte[] database,
      long databaseLength,
      int[] analysis);

  static native Pointer chdb_stream_insert_with_params_n(
      Pointer connection,
      byte[] query,
      long queryLength,
      byte[] format,
      long formatLength,
      Pointer names,
      Pointer nameLengths,
      Pointer values,
      Pointer valueLengths,
      long count);

  static native int chdb_stream_append(Pointer stream, byte[] data, long length);

  static native Pointer chdb_stream_done(Pointer stream);

  static native void chdb_stream_cancel_insert(Pointer stream);

  static native Pointer chdb_stream_insert_error(Pointer stream);

  static native void chdb_destroy_insert_stream(Pointer stream);

  static native Pointer chdb_result_buffer(Pointer result);

  static native long chdb_result_length(Pointer result);

  static native Pointer chdb_result_error(Pointer result);

  static native long chdb_result_rows_read(Pointer result);

  static native long chdb_result_bytes_read(Pointer result);

  static native long chdb_result_storage_rows_read(Pointer result);

  static native long chdb_result_storage_bytes_read(Pointer result);

  static native long chdb_result_rows_written(Pointer result);

  static native long chdb_result_bytes_written(Pointer result);

  static native void chdb_destroy_query_result(Pointer result);

  /**
   * Loads the library once a process, and keeps it from replacing the JVM's signal handlers.
   *
   * @throws StartException when it is missing, broken or too old; says how to install it
   */
  static void load(Path library) throws StartException {
    if (!Files.isRegularFile(library)) {
      throw unusable("ClickHouse engine library not found: " + library, library);
    }
    try {
      Native.register(
          ChdbLibrary.class, NativeLibrary.getInstance(library.toAbsolutePath().toString()));
    } catch (UnsatisfiedLinkError e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw unusable("ClickHouse engine library cannot be used: " + reason, library);
    }
    chdb_set_signal_handlers_enabled(0);
  }

  private static StartException unusable(String what, Path library) {
    // DIR/node_modules/@chdb/lib-…/libchdb.so as install-engine lays it down
    Path directory = library.toAbsolutePath();
    for (int i = 0; i < 4 && directory.getParent() != null; i++) {
      directory = directory.getParent();
    }
    return new StartException(
        what + " (install it with: local-stack/bin/install-engine " + directory + ")");
  }
}
