package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Brings the segments of one direction in the order of their positions, each byte once, into the
 * window, or only counts them. What came too early is held; what never comes is declared a gap.
 * Positions are extended to 64 bits; those that come in count modulo 2^32.
 */
final class Sequencer {
  // A segment this far behind is no late one: rather 4 GiB minus that went by unseen.
  private static final long LATEST = 64L << 20;

  private final Limits limits;
  private final Accounting accounting;
  private final Window window;
  private final HeldSegments held = new HeldSegments();
  private boolean begun;
  private boolean countOnly;
  private long next;
  private long lastTime = Long.MIN_VALUE;
  private long inOrderTime = Long.MIN_VALUE;

  Sequencer(Limits limits, Accounting accounting, Window window) {
    this.limits = limits;
    this.accounting = accounting;
    this.window = window;
  }

  /** Is it known where the direction begins? */
  boolean begun() {
    return begun;
  }

  /** The first byte will be at {@code position}; nothing when bytes have come already. */
  void startAt(long position) {
    if (!begun) {
      begun = true;
      next = position & 0xffffffffL;
      window.startAt(next);
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
      held.insert(HeldSegments.copy(at, length, payload, offset, captured, time, burst));
      return;
    }
    append(at, length, payload, offset, captured, time, burst);
    if (!held.isEmpty()) {
      drain();
    }
  }

  /** Everything before {@code position} has passed: what does not come soon is a gap. */
  void passed(long time, long position) {
    startAt(position);
    int ahead = (int) position - (int) next;
    if (ahead > 0) {
      lastTime = Math.max(lastTime, time);
      held.insert(new HeldSegments.Held(next + ahead, 0, BufferPool.NONE, time, false));
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
    if (countOnly) {
      accounting.opaque(length - known);
    } else {
      int fresh = (int) Math.max(0, captured - known);
      show(length - known, payload, offset + captured - fresh, fresh, time, burst && known == 0);
    }
    next = at + length;
    inOrderTime = Math.max(inOrderTime, time);
  }

  private void show(
      long length, byte[] payload, int offset, int captured, long time, boolean burst) {
    if (captured > 0) {
      window.data(payload, offset, captured, time, burst);
    }
    if (length > captured) {
      window.hole(length - captured, time, burst && captured == 0);
    }
  }

  private void drain() {
    while (!held.isEmpty() && held.first().position() <= next) {
      HeldSegments.Held h = held.removeFirst();
      if (h.length() > 0) {
        append(h.position(), h.length(), h.payload(), 0, h.payload().length, h.time(), h.burst());
      }
    }
  }

  /** Position after the last byte in order. */
  long next() {
    return next;
  }

  /** When the latest segment was seen; Long.MIN_VALUE when none was. */
  long lastTime() {
    return lastTime;
  }

  /** When the last byte in order was seen; Long.MIN_VALUE when there was none. */
  long inOrderTime() {
    return inOrderTime;
  }

  /** Does any segment wait for earlier ones? */
  boolean waits() {
    return !held.isEmpty();
  }

  /** Do more segments wait for earlier ones than the bounds allow, or since before {@code time}? */
  boolean waitsTooLong(long time) {
    return !held.isEmpty()
        && (held.count() > limits.heldSegments()
            || held.bytes() > limits.heldBytes()
            || held.oldest() < time);
  }

  /** When the segment that waits longest was seen; Long.MAX_VALUE when none waits. */
  long waitsSince() {
    return held.oldest();
  }

  /** True lengths of the segments that wait. */
  long waiting() {
    return held.length();
  }

  /** Heap that they take. */
  long weight() {
    return held.bytes();
  }

  /**
   * Declares the positions before the first held segment lost, and takes in what they held up.
   *
   * @return how many
   */
  long declareGap() {
    HeldSegments.Held first = held.first();
    long length = first.position() - next;
    // what begins a burst was seen right behind the other side's bytes: what is lost lies before
    // those
    boolean beforeTurn = first.burst() && inOrderTime != Long.MIN_VALUE;
    gap(length, beforeTurn ? Math.min(inOrderTime, first.time()) : first.time());
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

  private void gap(long length, long time) {
    accounting.gapFound(length);
    if (countOnly) {
      accounting.gap(length);
    } else {
      window.gap(length, time);
    }
    next += length;
  }

  /**
   * Bytes that have not come, when the direction ends at {@code end}; not more than 2 GiB are
   * believed.
   */
  long missing(long end) {
    return begun ? Math.max(0, (int) end - (int) next) : 0;
  }

  /**
   * The window takes nothing any more. Bytes are opaque; which of them are lost or came twice is
   * told as before.
   */
  void countOnly() {
    countOnly = true;
    held.forgetPayloads();
  }

  void save(DataOutput out) throws IOException {
    out.writeBoolean(begun);
    out.writeLong(next);
    out.writeLong(lastTime);
    out.writeLong(inOrderTime);
    held.save(out);
  }

  /** Into a fresh instance. */
  void load(DataInput in) throws IOException {
    begun = in.readBoolean();
    next = in.readLong();
    lastTime = in.readLong();
    inOrderTime = in.readLong();
    held.load(in);
  }
}
