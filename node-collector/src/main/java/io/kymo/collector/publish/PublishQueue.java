package io.kymo.collector.publish;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/** Batches that wait for Kafka, bounded by the bytes of their values. */
final class PublishQueue {
  private final long capacityBytes;
  private final ArrayDeque<Batch> batches = new ArrayDeque<>();
  private long bytes;

  PublishQueue(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** Returns false, without waiting, when there is no room. */
  synchronized boolean offer(Batch batch) {
    if (bytes + batch.value().length > capacityBytes) {
      return false;
    }
    batches.add(batch);
    bytes += batch.value().length;
    notifyAll();
    return true;
  }

  /** The batch that waited longest, which stays; null when none came in time. */
  synchronized Batch peek(long waitMs) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
    for (long left = waitMs; batches.isEmpty() && left > 0; ) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
    return batches.peek();
  }

  /** Removes the batch that waited longest, which must exist. */
  synchronized Batch remove() {
    Batch batch = batches.remove();
    bytes -= batch.value().length;
    return batch;
  }

  synchronized boolean isEmpty() {
    return batches.isEmpty();
  }

  synchronized long bytes() {
    return bytes;
  }
}
