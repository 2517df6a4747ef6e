package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The bytes of one direction that are not yet decoded, in order of position.
 *
 * <pre>
 *   consumed │ front: contiguous captured bytes │ break: hole or gap │ more runs …│ next      held: came too early
 *  ──────────┴──────────────────────────────────┴────────────────────┴────────────┴──────  ░░░░░░░   ░░░░░░░░
 *            position                                                              next
 * </pre>
 *
 * Positions are extended to 64 bits; those that come in count modulo 2^32.
 */
final class Window {
  // A segment this far behind is no late one: rather 4 GiB minus that went by unseen.
  private static final long LATEST = 64L << 20;
  private static final int MOST_RUNS = 8192;

  private final Limits limits;
  private final BufferPool pool;
  private final Accounting accounting;
  private final Runs runs = new Runs();
  private final HeldSegments held = new HeldSegments();
  private byte[] bytes = BufferPool.NONE;
  private int start;
  private int end;
  private boolean begun;
  private long position;
  private long next;
  private int front; // captured bytes before the first break
  private int frontRuns;
  private long lastTime = Long.MIN_VALUE;
  private long inOrderTime = Long.MIN_VALUE;
  private long consumedTime;

  Window(Limits limits, BufferPool pool, Accounting accounting) {
    this.limits = limits;
    this.pool = pool;
    this.accounting = accounting;
  }

  /** Is it known where the direction begins? */
  boolean begun() {
    return begun;
  }

  /** The first byte will be at {@code position}; nothing when bytes have come already. */
  void startAt(long position) {
    if (!begun) {
      begun = true;
      this.position = position & 0xffffffffL;
      next = this.position;
    }
  }

  /** The next segment says where the bytes go on; nothing may be left in the window. */
  void beginAnew() {
    begun = false;
  }

  /**
   * Takes the bytes of one segment in, its payload copied.
   *
   * @param position of the first byte, modulo 2^32
   * @param length true length
   * @param captured how many of them are at {@code offset} of {@code payload}
   */
  void insert(
      long time,
      long position,
      int length,
      byte[] payload,
      int offset,
      int captured,
      boolean burst) {
    accounting.received(length);
    startAt(position);
    lastTime = Math.max(lastTime, time);
    long at = extend(position);
    if (at > next) {
      held.add(at, length, payload, offset, captured, time, burst);
      return;
    }
    append(at, length, payload, offset, captured, time, burst);
    if (!held.isEmpty()) {
      drain();
    }
  }

  private long extend(long position) {
    int distance = (int) position - (int) next;
    return distance < -LATEST ? next + (distance & 0xffffffffL) : next + distance;
  }

  private void append(
      long at, long length, byte[] payload, int offset, int captured, long time, boolean burst) {
    long known = Math.min(next - at, length);
    if (known > 0) {
      accounting.duplicate(known);
      if (known == length) {
        return;
      }
    }
    int fresh = (int) Math.max(0, captured - known);
    if (fresh > 0) {
      copy(payload, offset + captured - fresh, fresh);
      boolean unbroken = frontRuns == runs.count();
      runs.add(Runs.DATA, fresh, time, burst && known == 0);
      if (unbroken) {
        front += fresh;
        frontRuns = runs.count();
      }
    }
    long hole = length - known - fresh;
    if (hole > 0) {
      runs.add(Runs.HOLE, hole, time, burst && known == 0 && fresh == 0);
    }
    next = at + length;
    inOrderTime = Math.max(inOrderTime, time);
  }

  private void copy(byte[] from, int offset, int count) {
    if (bytes.length - end < count) {
      int size = end - start;
      if (bytes.length - size >= count && start >= size) {
        System.arraycopy(bytes, start, bytes, 0, size);
      } else {
        byte[] larger = pool.take(Math.max(size + count, Math.min(bytes.length, 1 << 20) * 2));
        System.arraycopy(bytes, start, larger, 0, size);
        pool.give(bytes);
        bytes = larger;
      }
      start = 0;
      end = size;
    }
    System.arraycopy(from, offset, bytes, end, count);
    end += count;
  }

  private void drain() {
    while (!held.isEmpty() && held.first().position() <= next) {
      HeldSegments.Held h = held.removeFirst();
      append(h.position(), h.length(), h.payload(), 0, h.payload().length, h.time(), h.burst());
    }
  }

  /** Do more segments wait for earlier ones than the bounds allow, or since before {@code time}? */
  boolean waitsTooLong(long time) {
    return !held.isEmpty()
        && (held.count() > limits.heldSegments()
            || held.bytes() > limits.heldBytes()
            || held.oldest() < time);
  }

  /** Does any segment wait for earlier ones? */
  boolean waits() {
    return !held.isEmpty();
  }

  /** When the last byte in order was seen; Long.MIN_VALUE when there was none. */
  long inOrderTime() {
    return inOrderTime;
  }

  /** When the segment that waits longest was seen; Long.MAX_VALUE when none waits. */
  long waitsSince() {
    return held.oldest();
  }

  /**
   * Declares the positions before the first held segment lost, and takes in what they held up.
   *
   * @return how many
   */
  long declareGap() {
    HeldSegments.Held first = held.first();
    long length = first.position() - next;
    gap(length, first.time());
    drain();
    return length;
  }

  /** Declares what was never received before {@code end} lost; nothing when all is there. */
  long declareGapUntil(long end, long time) {
    long length = missing(end);
    if (length > 0) {
      gap(length, time);
    }
    return length;
  }

  /**
   * Bytes that have not come, when the direction ends at {@code end}; not more than 2 GiB are
   * believed.
   */
  long missing(long end) {
    return begun ? Math.max(0, (int) end - (int) next) : 0;
  }

  private void gap(long length, long time) {
    accounting.gapFound(length);
    runs.add(Runs.GAP, length, time, false);
    next += length;
  }

  boolean isEmpty() {
    return runs.isEmpty();
  }

  /** Bytes in order, captured or not. */
  long size() {
    return next - position;
  }

  byte[] bytes() {
    return bytes;
  }

  int start() {
    return start;
  }

  /** Captured bytes that can be looked at. */
  int front() {
    return front;
  }

  /** Does nothing follow the front? */
  boolean unbroken() {
    return frontRuns == runs.count();
  }

  /** Uncaptured bytes that follow the front; 0 when the front ends at a gap or at the end. */
  long hole() {
    return lengthOf(Runs.HOLE);
  }

  /** Lost bytes that follow the front. */
  long gap() {
    return lengthOf(Runs.GAP);
  }

  private long lengthOf(byte kind) {
    long length = 0;
    for (int i = frontRuns; i < runs.count() && runs.kind(i) == kind; i++) {
      length += runs.length(i);
    }
    return length;
  }

  /** Position of the first byte that is not consumed. */
  long position() {
    return position;
  }

  /** Position after the last byte in order. */
  long next() {
    return next;
  }

  /** When the first byte was seen; the window is not empty. */
  long time() {
    return runs.time(0);
  }

  /** When the latest segment was seen; Long.MIN_VALUE when none was. */
  long lastTime() {
    return lastTime;
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
    int length = 0;
    for (int i = 0; i < frontRuns && runs.time(i) < time; i++) {
      length += (int) runs.length(i);
    }
    return length;
  }

  /**
   * When the last burst began that has captured bytes at the front; Long.MIN_VALUE when none does.
   */
  long lastBurstTime() {
    for (int i = frontRuns - 1; i >= 0; i--) {
      if (runs.burst(i)) {
        return runs.time(i);
      }
    }
    return Long.MIN_VALUE;
  }

  /** Captured bytes at the front before the next burst begins. */
  int frontToBurst() {
    int length = 0;
    for (int i = 0; i < frontRuns && (i == 0 || !runs.burst(i)); i++) {
      length += (int) runs.length(i);
    }
    return length;
  }

  /** Length of the run at the front: bytes that came together. */
  long run() {
    return runs.length(0);
  }

  /** True lengths of all that waits, in order or too early. */
  long waiting() {
    return size() + held.length();
  }

  /** More than may wait for the rest of a unit? */
  boolean overfull() {
    return end - start > limits.windowBytes() || runs.count() > MOST_RUNS;
  }

  /** Heap that grows with what waits. */
  long weight() {
    return bytes.length + held.bytes();
  }

  /**
   * Consumes {@code count} bytes, at most {@link #size()}: captured ones count as decoded or as
   * skipped.
   */
  void consume(long count, boolean decoded) {
    for (long left = count; left > 0; ) {
      long n = Math.min(left, runs.length(0));
      byte kind = runs.kind(0);
      consumedTime = runs.time(0);
      int before = runs.count();
      runs.take(n);
      frontRuns -= frontRuns > 0 && runs.count() < before ? 1 : 0;
      position += n;
      left -= n;
      switch (kind) {
        case Runs.DATA -> {
          start += (int) n;
          front -= (int) n;
          if (decoded) {
            accounting.decoded(n);
          } else {
            accounting.skipped(n);
          }
        }
        case Runs.HOLE -> accounting.truncated(n);
        default -> accounting.gap(n);
      }
      if (front == 0 && kind != Runs.DATA) {
        findFront();
      }
    }
    if (start == end && bytes.length > 0) {
      release();
    }
  }

  private void findFront() {
    frontRuns = 0;
    while (frontRuns < runs.count() && runs.kind(frontRuns) == Runs.DATA) {
      front += (int) runs.length(frontRuns++);
    }
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
      runs.take(n);
      position += n;
    }
    while (!held.isEmpty()) {
      accounting.opaque(held.removeFirst().length());
    }
    front = 0;
    frontRuns = 0;
    release();
  }

  private void release() {
    pool.give(bytes);
    bytes = BufferPool.NONE;
    start = 0;
    end = 0;
  }

  void save(DataOutput out) throws IOException {
    out.writeBoolean(begun);
    out.writeLong(position);
    out.writeLong(next);
    out.writeLong(lastTime);
    out.writeLong(inOrderTime);
    out.writeLong(consumedTime);
    runs.save(out);
    held.save(out);
    out.writeInt(end - start);
    out.write(bytes, start, end - start);
  }

  void load(DataInput in) throws IOException {
    begun = in.readBoolean();
    position = in.readLong();
    next = in.readLong();
    lastTime = in.readLong();
    inOrderTime = in.readLong();
    consumedTime = in.readLong();
    runs.load(in);
    held.load(in);
    end = in.readInt();
    bytes = end == 0 ? BufferPool.NONE : pool.take(end);
    in.readFully(bytes, 0, end);
    findFront();
  }
}
