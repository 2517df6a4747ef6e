package io.kymo.collector.driver;

/**
 * The kernel's ticks (jiffies) in µs. The kernel does not say how many a second has, but its count
 * of ticks began 300 s before it wraps at 32 bits when the clock began (INITIAL_JIFFIES in
 * include/linux/jiffies.h), which only one of the customary rates fits.
 */
final class Ticks {
  private static final int[] RATES = {100, 250, 300, 1000};
  private static final long BEFORE_WRAP_S = 300;
  private static final long WRAP = 1L << 32;
  private static final double NANOS = 1e9;

  private Ticks() {}

  /**
   * @param jiffies the count at a time
   * @param monotonicNanos that time, CLOCK_MONOTONIC
   * @return ticks a second
   */
  static int rate(long jiffies, long monotonicNanos) {
    int best = RATES[0];
    double smallest = Double.MAX_VALUE;
    for (int rate : RATES) {
      double seconds = (double) (jiffies - WRAP + BEFORE_WRAP_S * rate) / rate;
      double off = Math.abs(seconds - monotonicNanos / NANOS);
      if (off < smallest) {
        smallest = off;
        best = rate;
      }
    }
    return best;
  }
}
