package io.kymo.collector.publish;

/** Where batches go. */
public interface BatchSink {
  /** How many partitions kymo.segments has, as far as known; may change when Kafka is reached. */
  int partitions();

  /** Takes a batch, or drops and counts it; never blocks. */
  void offer(Batch batch);
}
