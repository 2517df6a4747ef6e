package io.kymo.collector.driver;

import java.nio.ByteBuffer;

/**
 * Flyweight over an event's header (struct kymo_header). One instance a thread, re-wrapped for each
 * event; the memory below is valid only until the handler's method returns. Buffers must be little
 * endian.
 *
 * <pre>
 *   0 u32 size | 4 u16 type | 6 u16 flags | 8 u64 time_ns | 16 u64 socket | 24 u32 tgid | 28 u32 tid
 * </pre>
 */
public abstract class Event {
  public static final int SIZE_OFFSET = 0;
  public static final int TYPE_OFFSET = 4;
  public static final int FLAGS_OFFSET = 6;
  public static final int TIME_OFFSET = 8;
  public static final int SOCKET_OFFSET = 16;
  public static final int TGID_OFFSET = 24;
  public static final int TID_OFFSET = 28;

  /** Bytes of the header. */
  public static final int HEADER_LENGTH = 32;

  public static final int FLAG_BURST_START = 1;
  public static final int FLAG_CONTINUED = 2;
  public static final int FLAG_FAULT = 4;
  public static final int FLAG_PREEXISTING = 8;
  public static final int FLAG_COUNTED = 16;
  public static final int FLAG_INFERRED = 32;
  public static final int FLAG_PLAINTEXT = 64;
  public static final int FLAG_LINGERS = 128;

  /** The memory that this event lies in, and where. */
  ByteBuffer buffer;

  int offset;

  Event() {}

  /**
   * Moves this flyweight.
   *
   * @param source little-endian memory
   * @param at where the event's header begins in it
   */
  public final void wrap(ByteBuffer source, int at) {
    buffer = source;
    offset = at;
  }

  /** The memory that the event lies in; use absolute gets only. */
  public final ByteBuffer buffer() {
    return buffer;
  }

  /** Length of the event in bytes, with header and payload. */
  public final int size() {
    return buffer.getInt(offset + SIZE_OFFSET);
  }

  /**
   * True when all that the fields speak of lies within the event, so that no method reads beyond.
   *
   * @param available bytes that there are from the header on
   */
  abstract boolean sound(int available);

  /** True when at least so many bytes are there and the event says so too. */
  final boolean holds(int length, int available) {
    return available >= length && size() >= length && size() <= available;
  }

  final int type() {
    return buffer.getShort(offset + TYPE_OFFSET) & 0xFFFF;
  }

  final boolean flag(int mask) {
    return (buffer.getShort(offset + FLAGS_OFFSET) & mask) != 0;
  }

  /**
   * Kernel time in ns, the clock of {@link System#nanoTime}: egress and connect when the call
   * began, all else when it returned or happened.
   */
  public final long timeNanos() {
    return buffer.getLong(offset + TIME_OFFSET);
  }

  /** The socket's inode, which is the connection's id; 0 for process events. */
  public final long socket() {
    return buffer.getLong(offset + SOCKET_OFFSET);
  }

  /** Process (thread group) in whose name it happened; 0 when it was a packet or a timer. */
  public final int tgid() {
    return buffer.getInt(offset + TGID_OFFSET);
  }

  /** Thread in whose name it happened. */
  public final int tid() {
    return buffer.getInt(offset + TID_OFFSET);
  }

  /** A C string in a field of fixed length. */
  final String text(int at, int limit) {
    int length = 0;
    while (length < limit && buffer.get(offset + at + length) != 0) {
      length++;
    }
    byte[] bytes = new byte[length];
    buffer.get(offset + at, bytes);
    return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
  }
}
