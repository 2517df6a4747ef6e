package io.kymo.collector.main;

import java.util.concurrent.locks.LockSupport;

/** How to wait when there is nothing to do. */
interface IdleStrategy {
  /**
   * @param workCount what the duty cycle did; 0: nothing
   */
  void idle(int workCount);

  /**
   * Parks for a millisecond, doubling up to four while nothing happens. Under load this makes each
   * cycle find several events: waking up costs more than handling an event.
   */
  final class Backoff implements IdleStrategy {
    private static final long SHORTEST_NANOS = 1_000_000;
    private static final long LONGEST_NANOS = 4_000_000;

    private long nanos = SHORTEST_NANOS;

    @Override
    public void idle(int workCount) {
      nanos = workCount > 0 ? SHORTEST_NANOS : Math.min(2 * nanos, LONGEST_NANOS);
      LockSupport.parkNanos(nanos);
    }
  }
}
