package io.kymo.processor.main;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.processor.sink.SinkMetrics;

/** What the sink reports, in the process's counters. */
record SinkCounters(Metrics metrics) implements SinkMetrics {
  @Override
  public void rowsWritten(String table, int rows) {
    metrics.add(ProcessorCounter.SINK_ROWS, table, rows);
  }

  @Override
  public void blockWritten(String table, long bytes) {
    metrics.add(ProcessorCounter.SINK_BLOCKS, table, 1);
    metrics.add(ProcessorCounter.SINK_BYTES, table, bytes);
  }

  @Override
  public void insertRetried(String table) {
    metrics.add(ProcessorCounter.SINK_RETRIES, table, 1);
  }

  @Override
  public void recordUnreadable(String topic, String reason) {
    metrics.add(ProcessorCounter.DEAD_LETTERS, reason, 1);
  }

  @Override
  public void recordsExpired(String topic, long records) {
    metrics.add(ProcessorCounter.SINK_EXPIRED, topic, records);
  }
}
