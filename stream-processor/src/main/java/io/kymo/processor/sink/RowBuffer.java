package io.kymo.processor.sink;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Rows in ClickHouse's RowBinary format: little endian, lengths as unsigned LEB128. Grows. */
public final class RowBuffer {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int LONGEST_VARINT = 5;

  private byte[] bytes = new byte[1 << 12];
  private int size;

  public int size() {
    return size;
  }

  void clear() {
    size = 0;
  }

  /** What is there, not copied; until the next change. */
  InputStream view() {
    return new ByteArrayInputStream(bytes, 0, size);
  }

  void putLong(long value) {
    room(Long.BYTES);
    LONG.set(bytes, size, value);
    size += Long.BYTES;
  }

  void putInt(int value) {
    room(Integer.BYTES);
    INT.set(bytes, size, value);
    size += Integer.BYTES;
  }

  void putShort(int value) {
    room(Short.BYTES);
    SHORT.set(bytes, size, (short) value);
    size += Short.BYTES;
  }

  void putByte(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  /** A length or count, not negative. */
  void putLength(int length) {
    room(LONGEST_VARINT);
    int rest = length;
    while (rest > 0x7f) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  void putBytes(byte[] from, int offset, int count) {
    room(count);
    System.arraycopy(from, offset, bytes, size, count);
    size += count;
  }

  void putAll(RowBuffer other) {
    putBytes(other.bytes, 0, other.size);
  }

  private void room(int count) {
    if (bytes.length - size < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
    }
  }
}
