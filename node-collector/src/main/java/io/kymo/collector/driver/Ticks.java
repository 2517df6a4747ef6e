package io.kymo.collector.driver;

/**
 * How many ticks (jiffies) a second has, which the kernel does not say: from how far its count went
 * between two readings. At the first one, from the time since boot: the count began 300 s before it
 * wraps at 32 bits (INITIAL_JIFFIES in include/linux/jiffies.h), which only one of the customary
 * rates fits, except when just about 300 s have passed. For one thread.
 */
final class Ticks {
  private static final int[] RATES = {100, 250, 300, 1000};
  private static final long BEFORE_WRAP_S = 300;
  private static final long WRAP = 1L << 32;
  private static final long SECOND = 1_000_000_000L;

  private boolean read;
  private long firstJiffies;
  private long firstNanos;

  /**
   * @param jiffies the count at a time
   * @param monotonicNanos that time, CLOCK_MONOTONIC
   * @return ticks a second
   */
  int rate(long jiffies, long monotonicNanos) {
    if (!read) {
      read = true;
      firstJiffies = jiffies;
      firstNanos = monotonicNanos;
    }
    long nanos = Math.abs(monotonicNanos - firstNanos);
    boolean apart = nanos >= SECOND;
    long ticks = Math.abs(jiffies - firstJiffies);
    int best = RATES[0];
    double smallest = Double.MAX_VALUE;
    for (int rate : RATES) {
      double off =
          apart
              ? (double) ticks / rate - (double) nanos / SECOND
              : (double) (jiffies - WRAP) / rate + BEFORE_WRAP_S - (double) monotonicNanos / SECOND;
      if (Math.abs(off) < smallest) {
        smallest = Math.abs(off);
        best = rate;
      }
    }
    return best;
  }
}
