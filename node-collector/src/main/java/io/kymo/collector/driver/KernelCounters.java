package io.kymo.collector.driver;

import java.util.Arrays;

/**
 * A snapshot of the kernel's counters for each CPU, filled by {@link Driver#counters} without
 * allocation.
 */
public final class KernelCounters {
  private static final int COUNT = KernelCounter.values().length;
  private final long[] values;

  /**
   * @param cpus {@link Driver#cpus}
   */
  public KernelCounters(int cpus) {
    values = new long[cpus * COUNT];
  }

  public int cpus() {
    return values.length / COUNT;
  }

  public long get(int cpu, KernelCounter counter) {
    return values[cpu * COUNT + counter.ordinal()];
  }

  public void set(int cpu, KernelCounter counter, long value) {
    values[cpu * COUNT + counter.ordinal()] = value;
  }

  /** Sum over all CPUs. */
  public long total(KernelCounter counter) {
    long sum = 0;
    for (int i = counter.ordinal(); i < values.length; i += COUNT) {
      sum += values[i];
    }
    return sum;
  }

  public void clear() {
    Arrays.fill(values, 0);
  }
}
