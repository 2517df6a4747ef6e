package io.kymo.collector.publish;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * Batches that wait for Kafka. Their values lie one behind the other in a ring of direct memory:
 * batches that wait for a moment would otherwise grow old on the heap, and make the garbage
 * collector stop the capturing thread for longer than the kernel's ring lasts. Memory that never
 * was needed is never touched.
 */
final class PublishQueue {
  private final ByteBuffer ring;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private int head;
  private int bytes;
  private boolean patient;

  /** What waits: a value of so many bytes, with what it holds. */
  record Entry(int partition, int length, int segments, long bytes) {}

  /**
   * @param capacityBytes of values, at most 2^30
   */
  PublishQueue(long capacityBytes) {
    ring = ByteBuffer.allocateDirect(Math.toIntExact(capacityBytes));
  }

  /** Copies the batch; returns false, without waiting, when there is no room. */
  synchronized boolean offer(Batch batch) {
    int length = batch.length();
    if (length > ring.capacity() - bytes) {
      return false;
    }
    if (bytes == 0) {
      head = 0; // the memory's beginning is used again and again
    }
    int at = (int) (((long) head + bytes) % ring.capacity());
    int first = Math.min(length, ring.capacity() - at);
    ring.put(at, batch.array(), 0, first);
    ring.put(0, batch.array(), first, length - first);
    entries.add(new Entry(batch.partition(), length, batch.segments(), batch.bytes()));
    bytes += length;
    notifyAll();
    return true;
  }

  /**
   * Copies the batch as soon as there is room, for as long as {@link #patient} holds; returns false
   * when there is none, or never will be.
   */
  synchronized boolean offerPatiently(Batch batch) {
    try {
      while (patient
          && batch.length() <= ring.capacity()
          && batch.length() > ring.capacity() - bytes) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return offer(batch);
  }

  /** From now on, whether it is worth to wait for room. */
  synchronized void patient(boolean wait) {
    patient = wait;
    notifyAll();
  }

  /** The batch that waited longest, which stays; null when none came in time. */
  synchronized Entry peek(long waitMs) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
    for (long left = waitMs; entries.isEmpty() && left > 0; ) {
      wait(left);
      left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    }
    return entries.peek();
  }

  /** A copy of the value that waited longest, which must exist and stays. */
  synchronized byte[] value() {
    byte[] value = new byte[entries.getFirst().length()];
    int first = Math.min(value.length, ring.capacity() - head);
    ring.get(head, value, 0, first);
    ring.get(0, value, first, value.length - first);
    return value;
  }

  /** Removes the batch that waited longest, which must exist. */
  synchronized Entry remove() {
    Entry entry = entries.remove();
    head = (int) (((long) head + entry.length()) % ring.capacity());
    bytes -= entry.length();
    notifyAll();
    return entry;
  }

  synchronized boolean isEmpty() {
    return entries.isEmpty();
  }

  synchronized long bytes() {
    return bytes;
  }

  /** More than half of it is taken. */
  synchronized boolean crowded() {
    return bytes > ring.capacity() / 2;
  }
}
