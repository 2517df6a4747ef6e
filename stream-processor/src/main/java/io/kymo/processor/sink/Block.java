package io.kymo.processor.sink;

import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/**
 * Rows of one Kafka partition and one day that go into ClickHouse as one insert. One day, because a
 * table's partition is a day and only an insert into one table partition is atomic.
 */
final class Block {
  private static final long DAY_NS = TimeUnit.DAYS.toNanos(1);

  private final String topic;
  private final int partition;
  private final RowBuffer buffer = new RowBuffer();
  private int rows;
  private long first;
  private long last;
  private long day;
  private long openedMs;

  Block(String topic, int partition) {
    this.topic = topic;
    this.partition = partition;
  }

  /** Would a row of this time share the block's day? */
  boolean accepts(long timeNs) {
    return rows == 0 || Math.floorDiv(timeNs, DAY_NS) == day;
  }

  /** Copies the row. */
  void append(RowBuffer row, long timeNs, long offset, long nowMs) {
    if (rows == 0) {
      first = offset;
      day = Math.floorDiv(timeNs, DAY_NS);
      openedMs = nowMs;
    }
    buffer.putAll(row);
    last = offset;
    rows++;
  }

  /** The same rows have the same token, however often they are sent. */
  String token() {
    return topic + ":" + partition + ":" + first + "-" + last;
  }

  InputStream bytes() {
    return buffer.view();
  }

  int size() {
    return buffer.size();
  }

  int rows() {
    return rows;
  }

  long openedMs() {
    return openedMs;
  }

  void clear() {
    buffer.clear();
    rows = 0;
  }
}
