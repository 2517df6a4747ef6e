package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * What lies in a window, first to last: runs of bytes that came together, with their time. A queue
 * in plain arrays. The front is what can be looked at in one piece: the captured bytes before the
 * first hole or gap.
 */
final class Runs {
  /** Captured bytes. */
  static final byte DATA = 0;

  /** Bytes that exist but were not captured. */
  static final byte HOLE = 1;

  /** Positions that were never received. */
  static final byte GAP = 2;

  private static final int KIND = 3;
  private static final int BURST = 4;

  private long[] lengths = new long[4];
  private long[] times = new long[4];
  private byte[] flags = new byte[4];
  private int head;
  private int tail;
  private int front;
  private int frontRuns;

  boolean isEmpty() {
    return head == tail;
  }

  int count() {
    return tail - head;
  }

  void add(byte kind, long length, long time, boolean burst) {
    boolean toFront = kind == DATA && unbroken();
    append(kind, length, time, burst);
    if (toFront) {
      front += (int) length;
      frontRuns = count();
    }
  }

  private void append(byte kind, long length, long time, boolean burst) {
    if (tail > head && !burst) {
      int last = tail - 1;
      if ((flags[last] & KIND) == kind && times[last] == time) {
        lengths[last] += length;
        return;
      }
    }
    makeRoom();
    lengths[tail] = length;
    times[tail] = time;
    flags[tail] = (byte) (kind | (burst ? BURST : 0));
    tail++;
  }

  byte kind(int i) {
    return (byte) (flags[head + i] & KIND);
  }

  long length(int i) {
    return lengths[head + i];
  }

  long time(int i) {
    return times[head + i];
  }

  /** Does a burst begin with the run's first byte? */
  boolean burst(int i) {
    return (flags[head + i] & BURST) != 0;
  }

  /** Takes {@code count} bytes off the first run, which has at least as many. */
  void take(long count) {
    boolean ofFront = frontRuns > 0;
    lengths[head] -= count;
    flags[head] &= ~BURST;
    front -= ofFront ? (int) count : 0;
    if (lengths[head] == 0) {
      head++;
      frontRuns -= ofFront ? 1 : 0;
      if (head == tail) {
        head = 0;
        tail = 0;
      }
    }
    if (!ofFront) {
      findFront();
    }
  }

  private void findFront() {
    front = 0;
    frontRuns = 0;
    while (frontRuns < count() && kind(frontRuns) == DATA) {
      front += (int) length(frontRuns++);
    }
  }

  /** Bytes of the front. */
  int front() {
    return front;
  }

  /** Does nothing follow the front? */
  boolean unbroken() {
    return frontRuns == count();
  }

  /** Bytes of this kind that follow the front. */
  long behindFront(byte kind) {
    long length = 0;
    for (int i = frontRuns; i < count() && kind(i) == kind; i++) {
      length += length(i);
    }
    return length;
  }

  /** As {@link #behindFront}, only of the run that follows it. */
  long runBehindFront(byte kind) {
    return frontRuns < count() && kind(frontRuns) == kind ? length(frontRuns) : 0;
  }

  /** Bytes of the front that were seen before {@code time}. */
  int frontBefore(long time) {
    int length = 0;
    for (int i = 0; i < frontRuns && time(i) < time; i++) {
      length += (int) length(i);
    }
    return length;
  }

  /** When the last burst of the front began; Long.MIN_VALUE when none does. */
  long lastBurstTime() {
    for (int i = frontRuns - 1; i >= 0; i--) {
      if (burst(i)) {
        return time(i);
      }
    }
    return Long.MIN_VALUE;
  }

  /** Bytes of the front before its next burst begins. */
  int frontToBurst() {
    int length = 0;
    for (int i = 0; i < frontRuns && (i == 0 || !burst(i)); i++) {
      length += (int) length(i);
    }
    return length;
  }

  private void makeRoom() {
    if (tail < lengths.length) {
      return;
    }
    int count = tail - head;
    if (head >= lengths.length / 2) {
      System.arraycopy(lengths, head, lengths, 0, count);
      System.arraycopy(times, head, times, 0, count);
      System.arraycopy(flags, head, flags, 0, count);
    } else {
      lengths = Arrays.copyOfRange(lengths, head, head + lengths.length * 2);
      times = Arrays.copyOfRange(times, head, head + times.length * 2);
      flags = Arrays.copyOfRange(flags, head, head + flags.length * 2);
    }
    head = 0;
    tail = count;
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(count());
    for (int i = head; i < tail; i++) {
      out.writeByte(flags[i]);
      out.writeLong(lengths[i]);
      out.writeLong(times[i]);
    }
  }

  void load(DataInput in) throws IOException {
    for (int n = in.readInt(); n > 0; n--) {
      makeRoom();
      flags[tail] = in.readByte();
      lengths[tail] = in.readLong();
      times[tail] = in.readLong();
      tail++;
    }
    findFront();
  }
}
