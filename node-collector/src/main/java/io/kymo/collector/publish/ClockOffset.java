package io.kymo.collector.publish;

import java.time.Clock;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * Distance of the wall clock from the kernel's monotonic clock, which is the clock of {@link
 * System#nanoTime}. Small wander is not followed, so that times of one connection do not jitter.
 */
public final class ClockOffset {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long TOLERATED_NANOS = 20_000;
  private static final int ATTEMPTS = 5;

  private final Clock wall;
  private final LongSupplier monotonic;
  private long offsetNanos;

  public ClockOffset(Clock wall, LongSupplier monotonic) {
    this.wall = wall;
    this.monotonic = monotonic;
    this.offsetNanos = monotonic == null ? 0 : measure();
  }

  /** For times that are ns since the epoch already. */
  public static ClockOffset none() {
    return new ClockOffset(Clock.systemUTC(), null);
  }

  /** Add it to kernel time to get ns since the epoch. */
  public long nanos() {
    return offsetNanos;
  }

  /** Follows the wall clock when it was set or slewed. */
  public void refresh() {
    if (monotonic == null) {
      return;
    }
    long measured = measure();
    if (Math.abs(measured - offsetNanos) > TOLERATED_NANOS) {
      offsetNanos = measured;
    }
  }

  /** The attempt that took least time lies closest. */
  private long measure() {
    long best = 0;
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < ATTEMPTS; i++) {
      long before = monotonic.getAsLong();
      Instant now = wall.instant();
      long took = monotonic.getAsLong() - before;
      if (took < shortest) {
        shortest = took;
        best = now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - (before + took / 2);
      }
    }
    return best;
  }
}
