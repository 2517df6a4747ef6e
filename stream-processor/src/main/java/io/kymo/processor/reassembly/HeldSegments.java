package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Segments that wait: those of a stream for earlier ones, in the order of their positions;
 * datagrams for what they answer, in the order in which they came. Rare, so objects will do.
 */
final class HeldSegments {
  /**
   * @param position in streams extended to 64 bits
   * @param length true length
   * @param payload what was captured of it
   */
  record Held(long position, long length, byte[] payload, long time, boolean burst) {
    /** Bytes that were not captured. */
    long hole() {
      return length - payload.length;
    }
  }

  private final List<Held> held = new ArrayList<>(0);
  private long bytes;

  boolean isEmpty() {
    return held.isEmpty();
  }

  int count() {
    return held.size();
  }

  /** Captured bytes held. */
  long bytes() {
    return bytes;
  }

  /** True lengths of what is held. */
  long length() {
    long length = 0;
    for (Held h : held) {
      length += h.length;
    }
    return length;
  }

  /** When the segment that waits longest was seen, ns. */
  long oldest() {
    long oldest = Long.MAX_VALUE;
    for (Held h : held) {
      oldest = Math.min(oldest, h.time);
    }
    return oldest;
  }

  /** With its own copy of the {@code captured} bytes at {@code offset} of {@code from}. */
  static Held copy(
      long position, long length, byte[] from, int offset, int captured, long time, boolean burst) {
    byte[] payload = Arrays.copyOfRange(from, offset, offset + captured);
    return new Held(position, length, payload, time, burst);
  }

  /** Where its position belongs. */
  void insert(Held segment) {
    int i = held.size();
    while (i > 0 && held.get(i - 1).position > segment.position) {
      i--;
    }
    add(i, segment);
  }

  /** Behind all others. */
  void append(Held segment) {
    add(held.size(), segment);
  }

  private void add(int index, Held segment) {
    held.add(index, segment);
    bytes += segment.payload.length;
  }

  Held first() {
    return held.get(0);
  }

  Held removeFirst() {
    Held first = held.remove(0);
    bytes -= first.payload.length;
    return first;
  }

  /** Forgets what was captured of them. */
  void forgetPayloads() {
    held.replaceAll(h -> new Held(h.position, h.length, BufferPool.NONE, h.time, h.burst));
    bytes = 0;
  }

  /** Takes those out that were seen before {@code time}. */
  void removeBefore(long time, Consumer<Held> removed) {
    for (int n = held.size(); n > 0; n--) {
      Held first = removeFirst();
      if (first.time < time) {
        removed.accept(first);
      } else {
        append(first);
      }
    }
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(held.size());
    for (Held h : held) {
      out.writeLong(h.position);
      out.writeLong(h.length);
      out.writeLong(h.time);
      out.writeBoolean(h.burst);
      out.writeInt(h.payload.length);
      out.write(h.payload);
    }
  }

  void load(DataInput in) throws IOException {
    for (int n = in.readInt(); n > 0; n--) {
      long position = in.readLong();
      long length = in.readLong();
      long time = in.readLong();
      boolean burst = in.readBoolean();
      byte[] payload = new byte[in.readInt()];
      in.readFully(payload);
      append(new Held(position, length, payload, time, burst));
    }
  }
}
