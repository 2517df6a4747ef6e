package io.kymo.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** Waits for servers to come up. */
public final class Await {
  private static final long PATIENCE_MS = 30_000;

  private Await() {}

  public static void that(String what, BooleanSupplier condition) {
    long end = System.currentTimeMillis() + PATIENCE_MS;
    while (!condition.getAsBoolean()) {
      if (System.currentTimeMillis() > end) {
        throw new AssertionError("gave up waiting until " + what);
      }
      Stack.pause(100);
    }
  }

  /**
   * Waits until a log has not grown for a second: servers write theirs a moment after they answer.
   */
  public static Path settled(Path log) {
    try {
      long before = -1;
      for (int i = 0; i < 60 && before != Files.size(log); i++) {
        before = Files.size(log);
        Stack.pause(1_000);
      }
      return log;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
