package io.kymo.processor.sink;

/** What the sink reports; the process binds it to its counters. Called from the sink's thread. */
public interface SinkMetrics {
  void rowsWritten(String table, int rows);

  void blockWritten(String table, long bytes);

  /** An insert failed and will be tried again. */
  void insertRetried(String table);

  /** A record could not be read; it went to the dead letters. */
  void recordUnreadable(String topic, String reason);

  /** Kafka had already deleted records that ClickHouse does not hold. */
  void recordsExpired(String topic, long records);
}
