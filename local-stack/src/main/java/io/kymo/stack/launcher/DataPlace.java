package io.kymo.stack.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory under which all data live. */
final class DataPlace {
  /** Below it Kafka and ClickHouse soon fail, Kafka for good. */
  private static final long LEAST_FREE_BYTES = 64 << 20;

  private DataPlace() {}

  /**
   * Creates it when there is none.
   *
   * @throws UserErrorException when it cannot be written, or has no room
   */
  static Path prepare(Path directory) {
    Home.directory(directory);
    try {
      Files.delete(Files.createTempFile(directory, "kymo", ".try"));
      long free = freeBytes(directory);
      if (free < LEAST_FREE_BYTES) {
        throw new UserErrorException(
            String.format(
                "only %d MB are free at %s, %d MB are the least: make room, or name another place"
                    + " with --data",
                free >> 20, directory, LEAST_FREE_BYTES >> 20));
      }
      return directory;
    } catch (IOException e) {
      throw new UserErrorException(
          "the data directory " + directory + " cannot be written: " + Reason.only(e));
    }
  }

  static long freeBytes(Path directory) throws IOException {
    return Files.getFileStore(directory).getUsableSpace();
  }
}
