package io.kymo.collector.publish;

/** Where batches go. */
public interface BatchSink {
  /** How many partitions kymo.segments has, as far as known; may change when Kafka is reached. */
  int partitions();

  /** Copies a batch, or drops and counts it; blocks only where the source can wait. */
  void offer(Batch batch);

  /**
   * True when batches come faster than they go, though they do go: whoever can wait for a moment
   * should.
   */
  default boolean crowded() {
    return false;
  }
}
