package io.kymo.processor.topology;

/**
 * How far kymo.segments reaches: what tells a quiet partition from one that lags behind.
 * Thread-safe.
 */
@FunctionalInterface
public interface EndOffsets {
  /**
   * @param end offset behind the last record, as the broker said
   * @param committed offset behind the last record that was processed in a committed transaction; 0
   *     when there is none
   * @param askedAtMs wall clock before the broker was asked
   */
  record Observation(long end, long committed, long askedAtMs) {}

  /** The latest observation of a partition; null when there is none yet. */
  Observation latest(int partition);
}
