package io.kymo.collector.publish;

import io.kymo.collector.connection.Connection;
import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.TcpEvent;
import io.kymo.collector.metrics.Counters;
import io.kymo.schemas.ClientEndpoint;
import java.nio.ByteBuffer;

/**
 * Sorts what happens into one batch for each Kafka partition and hands batches on when they are
 * large or old enough. For one thread.
 */
public final class Batcher {
  /** Values of a segment's flags, see SegmentBatch.avsc. */
  private static final int FLAG_BURST_START = 1;

  private static final int FLAG_CONTINUED = 2;

  private final Origin origin;
  private final BatchSink sink;
  private final Counters counters;
  private final ClockOffset clock;
  private final int maxBytes;
  private final long lingerNanos;
  private final long statsNanos;

  private BatchBuilder[] builders = new BatchBuilder[0];
  private long batches;
  private ByteBuffer memory;
  private ByteBuffer payload;

  /**
   * @param maxBytes a batch that reaches it is handed on
   * @param lingerNanos so does one whose first item is so old
   * @param statsNanos an empty batch is handed on after so long, for the sake of its counters
   */
  public Batcher(
      Origin origin,
      BatchSink sink,
      Counters counters,
      ClockOffset clock,
      int maxBytes,
      long lingerNanos,
      long statsNanos) {
    this.origin = origin;
    this.sink = sink;
    this.counters = counters;
    this.clock = clock;
    this.maxBytes = maxBytes;
    this.lingerNanos = lingerNanos;
    this.statsNanos = statsNanos;
  }

  /**
   * Adds the bytes of one event.
   *
   * @param position of the first byte on this connection
   */
  public void segment(Connection connection, DataEvent event, long position, long nowNanos) {
    BatchBuilder builder = builder(connection, nowNanos);
    view(event.buffer());
    int from = event.payloadOffset();
    payload.limit(from + event.captured()).position(from);
    int flags =
        (event.burstStart() ? FLAG_BURST_START : 0) | (event.continued() ? FLAG_CONTINUED : 0);
    builder.segment(
        connection,
        event.direction(),
        event.timeNanos(),
        position,
        event.length(),
        payload,
        event.tid(),
        event.source(),
        flags,
        nowNanos);
    if (builder.size() >= maxBytes) {
      handOn(builder, nowNanos);
    }
  }

  /** Adds what happened to a connection; positions -1 when unknown. */
  public void event(
      Connection connection,
      long timeNs,
      int kind,
      int error,
      long ingressPosition,
      long egressPosition,
      long nowNanos) {
    event(connection, timeNs, kind, 0, error, ingressPosition, egressPosition, nowNanos);
  }

  /**
   * @param flags of ConnectionEvent, see SegmentBatch.avsc
   */
  public void event(
      Connection connection,
      long timeNs,
      int kind,
      int flags,
      int error,
      long ingressPosition,
      long egressPosition,
      long nowNanos) {
    BatchBuilder builder = builder(connection, nowNanos);
    builder.event(
        connection, timeNs, kind, flags, error, ingressPosition, egressPosition, nowNanos);
    if (builder.size() >= maxBytes) {
      handOn(builder, nowNanos);
    }
  }

  /**
   * Adds what TCP tells of a connection.
   *
   * @param reason the kernel's name for it, empty when there is none
   */
  public void tcp(Connection connection, TcpEvent event, String reason, long nowNanos) {
    BatchBuilder builder = builder(connection, nowNanos);
    builder.tcp(connection, event, reason, nowNanos);
    if (builder.size() >= maxBytes) {
      handOn(builder, nowNanos);
    }
  }

  /** Hands on what has waited long enough; returns how many batches. */
  public int flushDue(long nowNanos) {
    adoptPartitions(nowNanos);
    int flushed = 0;
    for (BatchBuilder builder : builders) {
      long limit = builder.isEmpty() ? statsNanos : lingerNanos;
      if (nowNanos - builder.startedNanos() >= limit) {
        handOn(builder, nowNanos);
        flushed++;
      }
    }
    return flushed;
  }

  /** Hands on everything, with the counters as they are now. */
  public void flushAll(long nowNanos) {
    for (BatchBuilder builder : builders) {
      handOn(builder, nowNanos);
    }
  }

  /** The driver's memory stays the same for long: one view of it is enough. */
  @SuppressWarnings("ReferenceEquality") // equals would compare what is in it
  private void view(ByteBuffer source) {
    if (source != memory) {
      memory = source;
      payload = source.duplicate();
    }
  }

  private BatchBuilder builder(Connection connection, long nowNanos) {
    if (connection.endpoint() == 0) {
      connection.endpoint(ClientEndpoint.of(connection.facts(), origin.bootId()));
    }
    if (builders.length == 0) {
      adoptPartitions(nowNanos);
    }
    return builders[ClientEndpoint.partition(connection.endpoint(), builders.length)];
  }

  /** Kafka may turn out to have another number of partitions than was configured. */
  private void adoptPartitions(long nowNanos) {
    int partitions = sink.partitions();
    if (partitions == builders.length) {
      return;
    }
    for (BatchBuilder builder : builders) {
      if (!builder.isEmpty()) {
        handOn(builder, nowNanos);
      }
    }
    BatchBuilder[] grown = new BatchBuilder[partitions];
    for (int i = 0; i < partitions; i++) {
      boolean kept = i < builders.length; // its sequence goes on
      grown[i] = kept ? builders[i] : new BatchBuilder(origin, i);
      if (!kept) {
        grown[i].begin(++batches, nowNanos);
      }
    }
    builders = grown;
  }

  private void handOn(BatchBuilder builder, long nowNanos) {
    sink.offer(builder.build(clock.nanos(), counters));
    builder.begin(++batches, nowNanos);
  }
}
