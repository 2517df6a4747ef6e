package io.kymo.stack.engine;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.OutputStream;

/** A whole result in the engine's memory. */
final class Result implements AutoCloseable {
  private static final int COPY_BYTES = 1 << 16;

  private Pointer pointer;
  private final long elapsedNs;

  private Result(Pointer pointer, long elapsedNs) {
    this.pointer = pointer;
    this.elapsedNs = elapsedNs;
  }

  /** Takes what a call of the engine returned; an error is thrown and its memory freed. */
  static Result of(Pointer pointer, long elapsedNs) throws EngineException {
    if (pointer == null) {
      throw EngineException.of("the engine returned nothing");
    }
    Pointer error = ChdbLibrary.chdb_result_error(pointer);
    if (error != null) {
      String text = error.getString(0, "UTF-8");
      ChdbLibrary.chdb_destroy_query_result(pointer);
      throw EngineException.of(text);
    }
    return new Result(pointer, elapsedNs);
  }

  long length() {
    return ChdbLibrary.chdb_result_length(pointer);
  }

  byte[] bytes() {
    int length = Math.toIntExact(length());
    return length == 0
        ? new byte[0]
        : ChdbLibrary.chdb_result_buffer(pointer).getByteArray(0, length);
  }

  void writeTo(OutputStream out) throws IOException {
    long length = length();
    Pointer buffer = ChdbLibrary.chdb_result_buffer(pointer);
    byte[] copy = new byte[(int) Math.min(COPY_BYTES, length)];
    for (long at = 0; at < length; at += copy.length) {
      int n = (int) Math.min(copy.length, length - at);
      buffer.read(at, copy, 0, n);
      out.write(copy, 0, n);
    }
  }

  Statistics statistics() {
    return new Statistics(
        ChdbLibrary.chdb_result_storage_rows_read(pointer),
        ChdbLibrary.chdb_result_storage_bytes_read(pointer),
        ChdbLibrary.chdb_result_rows_written(pointer),
        ChdbLibrary.chdb_result_bytes_written(pointer),
        ChdbLibrary.chdb_result_rows_read(pointer),
        ChdbLibrary.chdb_result_bytes_read(pointer),
        elapsedNs);
  }

  @Override
  public void close() {
    if (pointer != null) {
      ChdbLibrary.chdb_destroy_query_result(pointer);
      pointer = null;
    }
  }
}
