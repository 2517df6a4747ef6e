package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Captured bytes, added behind and taken off the front. They lie in one pooled array, which is
 * given back when nothing is left.
 */
final class ByteQueue {
  private static final int GROWS_TWOFOLD = 1 << 20; // beyond it, by so much at a time

  private final BufferPool pool;
  private byte[] bytes = BufferPool.NONE;
  private int start;
  private int end;

  ByteQueue(BufferPool pool) {
    this.pool = pool;
  }

  /** What is there stands from {@link #start} on, until the next {@link #add}. */
  byte[] bytes() {
    return bytes;
  }

  int start() {
    return start;
  }

  int size() {
    return end - start;
  }

  /** Heap that it takes, used or not. */
  int capacity() {
    return bytes.length;
  }

  /** Copies {@code count} bytes from {@code offset} of {@code from}. */
  void add(byte[] from, int offset, int count) {
    if (bytes.length - end < count) {
      makeRoom(count);
    }
    System.arraycopy(from, offset, bytes, end, count);
    end += count;
  }

  private void makeRoom(int count) {
    int size = size();
    if (bytes.length - size >= count && start >= size) {
      System.arraycopy(bytes, start, bytes, 0, size);
    } else {
      byte[] larger = pool.take(Math.max(size + count, Math.min(bytes.length, GROWS_TWOFOLD) * 2));
      System.arraycopy(bytes, start, larger, 0, size);
      pool.give(bytes);
      bytes = larger;
    }
    start = 0;
    end = size;
  }

  /** Takes {@code count} bytes off, at most {@link #size}. */
  void drop(int count) {
    start += count;
    if (start == end) {
      pool.give(bytes);
      bytes = BufferPool.NONE;
      start = 0;
      end = 0;
    }
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(size());
    out.write(bytes, start, size());
  }

  /** Into a fresh instance. */
  void load(DataInput in) throws IOException {
    end = in.readInt();
    bytes = end == 0 ? BufferPool.NONE : pool.take(end);
    in.readFully(bytes, 0, end);
  }
}
