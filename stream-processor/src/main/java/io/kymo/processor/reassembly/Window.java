package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The bytes of one direction that are in order and not yet decoded.
 *
 * <pre>
 *   consumed │ front: contiguous captured bytes │ break: hole or gap │ more runs …
 *  ──────────┴──────────────────────────────────┴────────────────────┴────────────
 *            position
 * </pre>
 */
final class Window {
  private static final int MOST_RUNS = 8192;

  private final Limits limits;
  private final Accounting accounting;
  private final ByteQueue bytes;
  private final Runs runs = new Runs();
  private long position;
  private long size;
  private long consumedTime;

  Window(Limits limits, BufferPool pool, Accounting accounting) {
    this.limits = limits;
    this.accounting = accounting;
    this.bytes = new ByteQueue(pool);
  }

  /** The first byte will be at {@code position}; the window is empty. */
  void startAt(long position) {
    this.position = position;
  }

  /** Adds captured bytes, copied. */
  void data(byte[] from, int offset, int count, long time, boolean burst) {
    bytes.add(from, offset, count);
    runs.add(Runs.DATA, count, time, burst);
    size += count;
  }

  /** Adds bytes that were seen but not captured. */
  void hole(long length, long time, boolean burst) {
    runs.add(Runs.HOLE, length, time, burst);
    size += length;
  }

  /** Adds positions that were never received. */
  void gap(long length, long time) {
    runs.add(Runs.GAP, length, time, false);
    size += length;
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  /** Bytes in order, captured or not. */
  long size() {
    return size;
  }

  byte[] bytes() {
    return bytes.bytes();
  }

  int start() {
    return bytes.start();
  }

  /** Captured bytes that can be looked at. */
  int front() {
    return runs.front();
  }

  /** Does nothing follow the front? */
  boolean unbroken() {
    return runs.unbroken();
  }

  /** Uncaptured bytes that follow the front; 0 when the front ends at a gap or at the end. */
  long hole() {
    return runs.behindFront(Runs.HOLE);
  }

  /** Those of them that came together. */
  long holeRun() {
    return runs.runBehindFront(Runs.HOLE);
  }

  /** Lost bytes that follow the front. */
  long gap() {
    return runs.behindFront(Runs.GAP);
  }

  /** Those of them that were lost together. */
  long gapRun() {
    return runs.runBehindFront(Runs.GAP);
  }

  /** Position of the first byte that is not consumed. */
  long position() {
    return position;
  }

  /** When the first byte was seen; the window is not empty. */
  long time() {
    return runs.time(0);
  }

  /** When the last consumed byte was seen. */
  long consumedTime() {
    return consumedTime;
  }

  /** Does a burst begin with the first byte? */
  boolean burst() {
    return runs.burst(0);
  }

  /** Captured bytes at the front that were seen before {@code time}. */
  int frontBefore(long time) {
    return runs.frontBefore(time);
  }

  /**
   * When the last burst began that has captured bytes at the front; Long.MIN_VALUE when none does.
   */
  long lastBurstTime() {
    return runs.lastBurstTime();
  }

  /** Captured bytes at the front before the next burst begins. */
  int frontToBurst() {
    return runs.frontToBurst();
  }

  /** Length of the run at the front: bytes that came together. */
  long run() {
    return runs.length(0);
  }

  /** More than may wait for the rest of a unit? */
  boolean overfull() {
    return bytes.size() > limits.windowBytes() || runs.count() > MOST_RUNS;
  }

  /** Heap that grows with what waits. */
  long weight() {
    return bytes.capacity();
  }

  /**
   * Consumes {@code count} bytes, at most {@link #size()}: captured ones count as decoded or as
   * skipped.
   */
  void consume(long count, boolean decoded) {
    for (long left = count; left > 0; ) {
      long n = Math.min(left, runs.length(0));
      byte kind = runs.kind(0);
      take(n);
      left -= n;
      switch (kind) {
        case Runs.DATA -> {
          if (decoded) {
            accounting.decoded(n);
          } else {
            accounting.skipped(n);
          }
        }
        case Runs.HOLE -> accounting.truncated(n);
        default -> accounting.gap(n);
      }
    }
  }

  /** Takes {@code count} bytes off the first run. */
  private void take(long count) {
    consumedTime = runs.time(0);
    if (runs.kind(0) == Runs.DATA) {
      bytes.drop((int) count);
    }
    runs.take(count);
    position += count;
    size -= count;
  }

  /** Gives everything up: captured bytes count as opaque. */
  void abandon() {
    while (!runs.isEmpty()) {
      long n = runs.length(0);
      switch (runs.kind(0)) {
        case Runs.DATA -> accounting.opaque(n);
        case Runs.HOLE -> accounting.truncated(n);
        default -> accounting.gap(n);
      }
      take(n);
    }
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(position);
    out.writeLong(size);
    out.writeLong(consumedTime);
    runs.save(out);
    bytes.save(out);
  }

  /** Into a fresh instance. */
  void load(DataInput in) throws IOException {
    position = in.readLong();
    size = in.readLong();
    consumedTime = in.readLong();
    runs.load(in);
    bytes.load(in);
  }
}
