package io.kymo.stack.engine;

import com.sun.jna.Native;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A pipe whose writing end the engine opens by name, as the target of INTO OUTFILE. The engine's
 * own streaming results put a header and a footer around every chunk; what it writes into a file is
 * one whole result in any format, and a pipe holds it back when nobody reads.
 */
final class Pipe implements AutoCloseable {
  private static final int O_CLOEXEC = 02000000;

  static {
    Native.register(Pipe.class, "c");
  }

  private final int writeEnd;
  private final InputStream reader;
  private boolean open = true;

  Pipe() throws IOException {
    int[] ends = new int[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      throw new IOException("pipe: error " + Native.getLastError());
    }
    writeEnd = ends[1];
    try {
      reader = new FileInputStream("/proc/self/fd/" + ends[0]);
    } catch (IOException e) {
      close(ends[1]);
      throw e;
    } finally {
      close(ends[0]);
    }
  }

  private static native int pipe2(int[] ends, int flags);

  private static native int close(int descriptor);

  /** What to open for writing, within this process. */
  String name() {
    return "/proc/self/fd/" + writeEnd;
  }

  /** Ends after {@link #closeWriteEnd} when everything has been read. */
  InputStream reader() {
    return reader;
  }

  synchronized void closeWriteEnd() {
    if (open) {
      open = false;
      close(writeEnd);
    }
  }

  @Override
  public void close() throws IOException {
    closeWriteEnd();
    reader.close();
  }
}
