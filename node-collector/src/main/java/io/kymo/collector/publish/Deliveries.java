package io.kymo.collector.publish;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What became of every batch, in counters; each batch ends in exactly one of them. Any thread. */
final class Deliveries {
  private final Counters counters;
  private final long silenceNanos;

  /** Batches that were offered and are neither acknowledged nor lost. */
  private final AtomicLong pending = new AtomicLong();

  /** When Kafka last answered, or when there was nothing to do. */
  private volatile long progressNanos = System.nanoTime();

  /** Why Kafka refused the latest batch, null when it took it. */
  private volatile String refusal;

  private volatile boolean stopping;

  /**
   * @param silenceNanos Kafka counts as away when it answers nothing for so long
   */
  Deliveries(Counters counters, long silenceNanos) {
    this.counters = counters;
    this.silenceNanos = silenceNanos;
  }

  long pending() {
    return pending.get();
  }

  /** One line, or null when Kafka takes batches. */
  String problem() {
    String known = refusal;
    if (known != null) {
      return known;
    }
    long silence = System.nanoTime() - progressNanos;
    return pending.get() > 0 && silence > silenceNanos
        ? "no batch acknowledged for " + TimeUnit.NANOSECONDS.toSeconds(silence) + " s"
        : null;
  }

  /** True when Kafka answered within this time. */
  boolean answeredWithin(long nanos) {
    return refusal == null && System.nanoTime() - progressNanos < nanos;
  }

  void offered() {
    if (pending.getAndIncrement() == 0) {
      progressNanos = System.nanoTime();
    }
  }

  /** The link was opened: silence counts from now. */
  void opened() {
    progressNanos = System.nanoTime();
  }

  /** What fails from now on fails because the collector ends. */
  void stopping() {
    stopping = true;
  }

  void lostInQueue(Batch batch) {
    lost(
        batch.segments(),
        batch.bytes(),
        CollectorCounter.LOST_QUEUE_BATCHES,
        CollectorCounter.LOST_QUEUE_SEGMENTS,
        CollectorCounter.LOST_QUEUE_BYTES);
  }

  void lostAtStop(PublishQueue.Entry batch) {
    lostAtStop(batch.segments(), batch.bytes());
  }

  /** Told once by the link. */
  Link.Delivery of(PublishQueue.Entry batch) {
    int segments = batch.segments();
    long bytes = batch.bytes();
    int valueBytes = batch.length();
    return error -> {
      progressNanos = System.nanoTime();
      if (error == null) {
        refusal = null;
        published(segments, bytes, valueBytes);
      } else if (stopping) {
        lostAtStop(segments, bytes);
      } else {
        refusal = "Kafka refused a batch: " + error.getMessage();
        lost(
            segments,
            bytes,
            CollectorCounter.LOST_KAFKA_BATCHES,
            CollectorCounter.LOST_KAFKA_SEGMENTS,
            CollectorCounter.LOST_KAFKA_BYTES);
      }
    };
  }

  private void published(int segments, long bytes, int valueBytes) {
    counters.add(CollectorCounter.PUBLISHED_SEGMENTS, segments);
    counters.add(CollectorCounter.PUBLISHED_BYTES, bytes);
    counters.add(CollectorCounter.PUBLISHED_VALUE_BYTES, valueBytes);
    counters.increment(CollectorCounter.PUBLISHED_BATCHES);
    pending.getAndDecrement();
  }

  private void lostAtStop(int segments, long bytes) {
    lost(
        segments,
        bytes,
        CollectorCounter.LOST_STOP_BATCHES,
        CollectorCounter.LOST_STOP_SEGMENTS,
        CollectorCounter.LOST_STOP_BYTES);
  }

  private void lost(
      int segments,
      long bytes,
      CollectorCounter inBatches,
      CollectorCounter inSegments,
      CollectorCounter inBytes) {
    counters.add(inSegments, segments);
    counters.add(inBytes, bytes);
    counters.increment(inBatches);
    pending.getAndDecrement();
  }
}
