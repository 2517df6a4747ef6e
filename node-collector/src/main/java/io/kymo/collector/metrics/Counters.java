package io.kymo.collector.metrics;

import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import java.util.concurrent.atomic.AtomicLongArray;

/** Values of all counters since the collector's start. Any thread may add and read. */
public final class Counters {
  private static final KernelCounter[] KERNEL = KernelCounter.values();

  private final AtomicLongArray values = new AtomicLongArray(CollectorCounter.values().length);
  private final AtomicLongArray kernel = new AtomicLongArray(KernelCounter.values().length);

  public void add(CollectorCounter counter, long n) {
    values.getAndAdd(counter.ordinal(), n);
  }

  public void increment(CollectorCounter counter) {
    add(counter, 1);
  }

  public long get(CollectorCounter counter) {
    return values.get(counter.ordinal());
  }

  public long get(KernelCounter counter) {
    return kernel.get(counter.ordinal());
  }

  /** Takes over what the kernel counted, summed over the CPUs. */
  public void kernel(KernelCounters snapshot) {
    for (KernelCounter counter : KERNEL) {
      kernel.set(counter.ordinal(), snapshot.total(counter));
    }
  }
}
