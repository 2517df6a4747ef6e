package io.kymo.stack;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A directory that belongs to one process at a time. The lock is the operating system's, so it ends
 * with the process, however that ends, and none is ever left behind.
 */
public final class DataDirectory implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Creates the directory when there is none.
   *
   * @throws StartException when it cannot be written or another process holds it
   */
  public static DataDirectory open(Path path) throws StartException {
    FileChannel channel = null;
    try {
      Files.createDirectories(path);
      channel =
          FileChannel.open(
              path.resolve("in-use.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new DataDirectory(path.toAbsolutePath(), channel);
      }
      channel.close();
    } catch (IOException e) {
      throw new StartException("data.dir " + path + " cannot be used: " + e);
    } catch (OverlappingFileLockException e) {
      // The same answer as for another process.
    }
    throw new StartException(
        "data.dir " + path + " is in use by another process: stop it or give another data.dir");
  }

  public Path path() {
    return path;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // The lock ends with the process at the latest.
    }
  }
}
