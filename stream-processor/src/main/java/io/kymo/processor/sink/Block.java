package io.kymo.processor.sink;

import com.clickhouse.client.api.data_formats.RowBinaryFormatSerializer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Rows of one Kafka partition and one day that go into ClickHouse as one insert. One day, because a
 * table's partition is a day and only an insert into one table partition is atomic.
 */
final class Block {
  /** The bytes so far without copying them. */
  private static final class Buffer extends ByteArrayOutputStream {
    Buffer() {
      super(1 << 16);
    }

    InputStream view() {
      return new ByteArrayInputStream(buf, 0, count);
    }
  }

  private static final long DAY_NS = TimeUnit.DAYS.toNanos(1);

  private final RowEncoder encoder;
  private final String topic;
  private final int partition;
  private final Buffer buffer = new Buffer();
  private final RowBinaryFormatSerializer out = new RowBinaryFormatSerializer(buffer);
  private int rows;
  private long first;
  private long last;
  private long day;
  private long openedMs;

  Block(RowEncoder encoder, String topic, int partition) {
    this.encoder = encoder;
    this.topic = topic;
    this.partition = partition;
  }

  /** Would a row of this time share the block's day? */
  boolean accepts(long timeNs) {
    return rows == 0 || Math.floorDiv(timeNs, DAY_NS) == day;
  }

  void append(SpecificRecordBase row, long timeNs, long offset, long nowMs) throws IOException {
    if (rows == 0) {
      first = offset;
      day = Math.floorDiv(timeNs, DAY_NS);
      openedMs = nowMs;
    }
    encoder.encode(row, partition, offset, out, buffer);
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

  RowEncoder encoder() {
    return encoder;
  }

  void clear() {
    buffer.reset();
    rows = 0;
  }
}
