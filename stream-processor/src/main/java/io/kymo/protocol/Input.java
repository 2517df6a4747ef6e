package io.kymo.protocol;

import java.nio.charset.StandardCharsets;

/**
 * A view on the bytes of one direction that are next to decode, and the parser's answer on how many
 * it took. A flyweight: the driver re-wraps one instance. Offsets are relative to the first
 * undecoded byte. Getters do not check bounds: compare with {@link #length()} first.
 */
public final class Input {
  private byte[] bytes = new byte[0];
  private int start;
  private int length;
  private long hole;
  private boolean ended;
  private long consumed;
  private boolean awaitRequest;
  private String switchedTo;

  /**
   * @param hole bytes that follow these and exist, but were not captured; 0 when none
   * @param ended no byte will follow
   */
  public Input wrap(byte[] bytes, int start, int length, long hole, boolean ended) {
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.hole = hole;
    this.ended = ended;
    this.consumed = 0;
    this.awaitRequest = false;
    this.switchedTo = null;
    return this;
  }

  /** Captured bytes that can be looked at, contiguous. */
  public int length() {
    return length;
  }

  public long hole() {
    return hole;
  }

  public boolean ended() {
    return ended;
  }

  /**
   * The backing array; index {@code i} of this view is at {@code start() + i}. Not to be written or
   * kept.
   */
  public byte[] array() {
    return bytes;
  }

  public int start() {
    return start;
  }

  public byte at(int i) {
    return bytes[start + i];
  }

  public int u8(int i) {
    return bytes[start + i] & 0xff;
  }

  public int u16be(int i) {
    return u8(i) << 8 | u8(i + 1);
  }

  public int u16le(int i) {
    return u8(i) | u8(i + 1) << 8;
  }

  public int u24be(int i) {
    return u8(i) << 16 | u8(i + 1) << 8 | u8(i + 2);
  }

  public int u24le(int i) {
    return u8(i) | u8(i + 1) << 8 | u8(i + 2) << 16;
  }

  public int i32be(int i) {
    return u8(i) << 24 | u8(i + 1) << 16 | u8(i + 2) << 8 | u8(i + 3);
  }

  public int i32le(int i) {
    return u8(i) | u8(i + 1) << 8 | u8(i + 2) << 16 | u8(i + 3) << 24;
  }

  public long u32be(int i) {
    return i32be(i) & 0xffffffffL;
  }

  public long u32le(int i) {
    return i32le(i) & 0xffffffffL;
  }

  public long i64be(int i) {
    return (long) i32be(i) << 32 | u32be(i + 4);
  }

  public long i64le(int i) {
    return u32le(i) | (long) i32le(i + 4) << 32;
  }

  /**
   * First {@code b} at or after {@code from} and before {@code to}.
   *
   * @return -1 when there is none
   */
  public int indexOf(byte b, int from, int to) {
    int end = start + Math.min(to, length);
    for (int i = start + from; i < end; i++) {
      if (bytes[i] == b) {
        return i - start;
      }
    }
    return -1;
  }

  /** Do the bytes at {@code i} equal {@code expected}? False when fewer are there. */
  public boolean matches(int i, byte[] expected) {
    if (i < 0 || length - i < expected.length) {
      return false;
    }
    for (int k = 0; k < expected.length; k++) {
      if (bytes[start + i + k] != expected[k]) {
        return false;
      }
    }
    return true;
  }

  /** Text of {@code [from, to)}, malformed UTF-8 replaced. */
  public String utf8(int from, int to) {
    return new String(bytes, start + from, to - from, StandardCharsets.UTF_8);
  }

  public String latin1(int from, int to) {
    return new String(bytes, start + from, to - from, StandardCharsets.ISO_8859_1);
  }

  /** How many bytes the outcome takes; may be more than {@link #length()}. */
  public void consume(long bytes) {
    this.consumed = bytes;
  }

  public long consumed() {
    return consumed;
  }

  public void awaitRequest() {
    this.awaitRequest = true;
  }

  public boolean awaitsRequest() {
    return awaitRequest;
  }

  /**
   * With {@link Outcome#SWITCHED}: what the connection speaks from here on.
   *
   * @param what {@code tls}, {@code websocket}, {@code h2c}, {@code compressed}, {@code
   *     replication}, …
   */
  public void switchTo(String what) {
    this.switchedTo = what;
  }

  public String switchedTo() {
    return switchedTo;
  }
}
