package io.kymo.collector.publish;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.avro.io.BinaryData;
import org.apache.avro.io.BinaryEncoder;

/**
 * Avro's binary encoding into one array that grows and is kept: nothing is allocated once it is
 * large enough, and direct memory is copied once.
 */
final class GrowingEncoder extends BinaryEncoder {
  private static final int LONGEST_NUMBER = 10;

  private byte[] bytes;
  private int length;

  GrowingEncoder(int initialBytes) {
    bytes = new byte[initialBytes];
  }

  int length() {
    return length;
  }

  void reset() {
    length = 0;
  }

  /** Holds {@link #length} bytes, until it is written to again. */
  byte[] array() {
    return bytes;
  }

  /** Appends what another encoder holds. */
  void append(GrowingEncoder other) {
    writeFixed(other.bytes, 0, other.length);
  }

  @Override
  public void writeBoolean(boolean b) {
    need(1);
    bytes[length++] = (byte) (b ? 1 : 0);
  }

  @Override
  public void writeInt(int n) {
    need(LONGEST_NUMBER);
    length += BinaryData.encodeInt(n, bytes, length);
  }

  @Override
  public void writeLong(long n) {
    need(LONGEST_NUMBER);
    length += BinaryData.encodeLong(n, bytes, length);
  }

  @Override
  public void writeFloat(float f) {
    need(Float.BYTES);
    length += BinaryData.encodeFloat(f, bytes, length);
  }

  @Override
  public void writeDouble(double d) {
    need(Double.BYTES);
    length += BinaryData.encodeDouble(d, bytes, length);
  }

  @Override
  public void writeFixed(byte[] source, int start, int count) {
    need(count);
    System.arraycopy(source, start, bytes, length, count);
    length += count;
  }

  /** Leaves the buffer's position as it is. */
  @Override
  public void writeFixed(ByteBuffer source) {
    int count = source.remaining();
    need(count);
    source.get(source.position(), bytes, length, count);
    length += count;
  }

  @Override
  public void writeBytes(ByteBuffer source) {
    writeInt(source.remaining());
    writeFixed(source);
  }

  @Override
  protected void writeZero() {
    need(1);
    bytes[length++] = 0;
  }

  @Override
  public int bytesBuffered() {
    return 0;
  }

  @Override
  public void flush() {
    // nothing lies behind it
  }

  private void need(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }
}
