package io.kymo.collector.driver.pcap.flow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Segments of one direction that came before earlier ones, in order of their positions. */
final class HeldBytes {
  /**
   * @param length on the wire
   * @param bytes those that were captured
   */
  record Held(int position, int length, byte[] bytes, long timeNs) {
    int end() {
      return position + length;
    }
  }

  private static final int OVERHEAD = 64;

  private final List<Held> held = new ArrayList<>(0);
  private int size;

  boolean isEmpty() {
    return held.isEmpty();
  }

  int count() {
    return held.size();
  }

  /** Memory taken, roughly. */
  int size() {
    return size;
  }

  Held first() {
    return held.get(0);
  }

  /** When the one was seen that waits longest. */
  long oldest() {
    long oldest = Long.MAX_VALUE;
    for (Held h : held) {
      oldest = Math.min(oldest, h.timeNs);
    }
    return oldest;
  }

  /**
   * Copies what was captured.
   *
   * @return false when it was there already
   */
  boolean add(int position, int length, byte[] from, int offset, int captured, long timeNs) {
    int i = held.size();
    while (i > 0 && held.get(i - 1).position - position > 0) {
      i--;
    }
    if (i > 0 && held.get(i - 1).end() - (position + length) >= 0) {
      return false;
    }
    byte[] bytes = Arrays.copyOfRange(from, offset, offset + captured);
    held.add(i, new Held(position, length, bytes, timeNs));
    size += captured + OVERHEAD;
    return true;
  }

  Held removeFirst() {
    Held first = held.remove(0);
    size -= first.bytes.length + OVERHEAD;
    return first;
  }
}
