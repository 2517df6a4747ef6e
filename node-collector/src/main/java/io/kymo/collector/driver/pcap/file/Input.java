package io.kymo.collector.driver.pcap.file;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.ZipException;

/**
 * A stream with a window that can be looked at: bytes from {@link #at} on, as many as asked for.
 */
final class Input implements Closeable {
  private static final int WINDOW = 1 << 20;
  private static final VarHandle INT_BE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT_LE =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

  private final InputStream in;
  private final Unpacked unpacked; // the same, null when it is not compressed
  private byte[] bytes = new byte[WINDOW];
  private int position;
  private int limit;
  private long base; // of bytes[0] in the stream
  private boolean ended;
  private String brokenOff;
  private long behind;

  Input(InputStream in) {
    this.in = in;
    this.unpacked = in instanceof Unpacked gzip ? gzip : null;
  }

  /**
   * Sees to it that {@code count} bytes are there.
   *
   * @return false when the stream ends before
   */
  boolean ensure(int count) throws IOException {
    if (limit - position >= count) {
      return true;
    }
    if (position > 0) {
      System.arraycopy(bytes, position, bytes, 0, limit - position);
      base += position;
      limit -= position;
      position = 0;
    }
    if (bytes.length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(count, Math.min(2 * bytes.length, 64 << 20)));
    }
    while (limit < count && !ended) {
      fill();
    }
    return limit >= count;
  }

  private void fill() throws IOException {
    try {
      int read = in.read(bytes, limit, bytes.length - limit);
      ended = read < 0;
      limit += Math.max(0, read);
      if (ended && unpacked != null && unpacked.behind() > 0) {
        behind = unpacked.behind();
        brokenOff = "what follows the compressed data is not gzip";
      }
    } catch (EOFException | ZipException e) { // a compressed file that is cut or damaged
      ended = true;
      brokenOff = "compressed data broken: " + e.getMessage();
    }
  }

  /** Why the stream ended before its file; null when it did not. */
  String brokenOff() {
    return brokenOff;
  }

  /** Bytes in the window, for {@link #at}. */
  byte[] bytes() {
    return bytes;
  }

  /** Where the next byte stands in {@link #bytes}. */
  int at() {
    return position;
  }

  int available() {
    return limit - position;
  }

  /** Of the next byte in the stream. */
  long offset() {
    return base + position;
  }

  /** Passes over bytes that are in the window. */
  void advance(int count) {
    position += count;
  }

  /**
   * Passes over bytes.
   *
   * @return how many there were
   */
  long skip(long count) throws IOException {
    long left = count;
    while (left > 0) {
      int here = (int) Math.min(left, available());
      position += here;
      left -= here;
      if (left > 0 && !ensure(1)) {
        break;
      }
    }
    return count - left;
  }

  /**
   * Passes over everything.
   *
   * @return how much there was, with what stands behind the end of compressed data
   */
  long skipRest() throws IOException {
    return skip(Long.MAX_VALUE) + behind;
  }

  int u8(int ahead) {
    return bytes[position + ahead] & 0xff;
  }

  int u16(int ahead, boolean little) {
    int a = u8(ahead);
    int b = u8(ahead + 1);
    return little ? b << 8 | a : a << 8 | b;
  }

  int i32(int ahead, boolean little) {
    return little
        ? (int) INT_LE.get(bytes, position + ahead)
        : (int) INT_BE.get(bytes, position + ahead);
  }

  long u32(int ahead, boolean little) {
    return i32(ahead, little) & 0xffffffffL;
  }

  /** A copy of what is in the window. */
  InputStream buffered() {
    return new ByteArrayInputStream(Arrays.copyOfRange(bytes, position, limit));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
