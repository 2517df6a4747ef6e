package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * What lies in a window, front to back: runs of bytes that came together, with their time. A queue
 * in plain arrays.
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

  boolean isEmpty() {
    return head == tail;
  }

  int count() {
    return tail - head;
  }

  void add(byte kind, long length, long time, boolean burst) {
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
    lengths[head] -= count;
    flags[head] &= ~BURST;
    if (lengths[head] == 0) {
      head++;
      if (head == tail) {
        head = 0;
        tail = 0;
      }
    }
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
  }
}
