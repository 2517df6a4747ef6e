package io.kymo.collector.driver.kmod;

import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.EventHandler;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * All CPUs' rings as one, in the order in which the kernel put the events in. An event of one CPU
 * is held back for a moment, until no other CPU can bring an earlier one any more: each puts its
 * own in with interrupts off, so that takes microseconds.
 */
final class MergedRings {
  static final long HOLD_NANOS = 1_000_000;
  private final CpuRing[] rings;
  private final long[] times;
  private final LongSupplier clock;
  private final Dispatcher dispatcher = new Dispatcher();
  private volatile boolean ended;

  /**
   * @param clock that of System.nanoTime
   */
  MergedRings(List<CpuRing> rings, LongSupplier clock) {
    this.rings = rings.toArray(CpuRing[]::new);
    this.times = new long[this.rings.length];
    this.clock = clock;
  }

  /** Nothing new comes: nothing is held back any more. */
  void end() {
    ended = true;
  }

  /** Hands up to limit events over; returns how many. */
  int poll(EventHandler handler, int limit) {
    long horizon = ended || rings.length == 1 ? CpuRing.EMPTY - 1 : clock.getAsLong() - HOLD_NANOS;
    for (int i = 0; i < rings.length; i++) {
      rings[i].refresh();
      times[i] = rings[i].time();
    }
    int events = 0;
    try {
      while (events < limit) {
        int first = 0;
        for (int i = 1; i < times.length; i++) {
          if (times[i] < times[first]) {
            first = i;
          }
        }
        if (times[first] > horizon) {
          break;
        }
        events++;
        rings[first].take(dispatcher, handler);
        times[first] = rings[first].time();
      }
    } finally {
      for (CpuRing ring : rings) {
        ring.release();
      }
    }
    return events;
  }

  /** Bytes that wait; may be asked from any thread. */
  long backlog() {
    long sum = 0;
    for (CpuRing ring : rings) {
      sum += ring.backlog();
    }
    return sum;
  }

  int size() {
    return rings.length;
  }
}
