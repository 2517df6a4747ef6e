package io.kymo.acceptance;

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
}
