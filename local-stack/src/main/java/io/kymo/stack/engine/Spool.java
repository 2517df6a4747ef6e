package io.kymo.stack.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Holds the beginning of an answer back: in memory, and beyond that on disk if it must. */
final class Spool implements AutoCloseable {
  private static final int FIRST_BYTES = 1 << 12;

  private final int memoryBytes;
  private final boolean unbounded;
  private final ByteArrayOutputStream memory = new ByteArrayOutputStream(FIRST_BYTES);
  private Path file;
  private OutputStream disk;
  private long size;

  /**
   * @param unbounded whether more than {@code memoryBytes} is taken, and put on disk
   */
  Spool(int memoryBytes, boolean unbounded) {
    this.memoryBytes = memoryBytes;
    this.unbounded = unbounded;
  }

  /** Returns whether the bytes were taken; those that do not fit stay with the caller. */
  boolean offer(byte[] bytes, int offset, int length) throws IOException {
    if (disk == null && memory.size() + length <= memoryBytes) {
      memory.write(bytes, offset, length);
    } else if (unbounded) {
      if (disk == null) {
        file = Files.createTempFile("kymo-result", null);
        disk = Files.newOutputStream(file);
      }
      disk.write(bytes, offset, length);
    } else {
      return false;
    }
    size += length;
    return true;
  }

  long size() {
    return size;
  }

  void drainTo(OutputStream out) throws IOException {
    memory.writeTo(out);
    if (disk != null) {
      disk.close();
      Files.copy(file, out);
    }
  }

  @Override
  public void close() throws IOException {
    if (disk != null) {
      disk.close();
      Files.deleteIfExists(file);
    }
  }
}
