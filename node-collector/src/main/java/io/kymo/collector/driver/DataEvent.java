package io.kymo.collector.driver;

/**
 * Flyweight over bytes of one call (struct kymo_data): the positions [position, position + length),
 * of which the first {@link #captured} bytes are present. Large calls come as several events with
 * successive positions.
 *
 * <pre>
 *  32 u64 position | 40 u32 length | 44 u32 captured | 48 u8 direction | 49 u8 source | 50 u8 transport | 56 payload
 * </pre>
 */
public class DataEvent extends Event {
  public static final int TYPE = 1;
  public static final int POSITION_OFFSET = 32;
  public static final int LENGTH_OFFSET = 40;
  public static final int CAPTURED_OFFSET = 44;
  public static final int DIRECTION_OFFSET = 48;
  public static final int SOURCE_OFFSET = 49;
  public static final int TRANSPORT_OFFSET = 50;
  public static final int PAYLOAD_OFFSET = 56;

  /** Values of {@link #direction}. */
  public static final int INGRESS = 0;

  public static final int EGRESS = 1;

  /**
   * Position of the first byte: TCP its sequence number (0 … 2^32-1), else bytes of this socket and
   * direction before it.
   */
  public final long position() {
    return buffer.getLong(offset + POSITION_OFFSET);
  }

  /** True length in bytes. */
  public final int length() {
    return buffer.getInt(offset + LENGTH_OFFSET);
  }

  /** How many payload bytes are present, at most {@link #length}. */
  public final int captured() {
    return buffer.getInt(offset + CAPTURED_OFFSET);
  }

  /** {@link #INGRESS} (read by the process) or {@link #EGRESS} (written by it). */
  public final int direction() {
    return buffer.get(offset + DIRECTION_OFFSET);
  }

  /** Wire id of io.kymo.schemas.Source. */
  public final int source() {
    return buffer.get(offset + SOURCE_OFFSET);
  }

  /** Wire id of io.kymo.schemas.Transport. */
  public final int transport() {
    return buffer.get(offset + TRANSPORT_OFFSET);
  }

  /** The direction turned before it: the budget for payload is fresh. */
  public final boolean burstStart() {
    return flag(FLAG_BURST_START);
  }

  /** A further piece of the call (or datagram) that the event before began. */
  public final boolean continued() {
    return flag(FLAG_CONTINUED);
  }

  /** Some payload could not be read from the process's memory. */
  public final boolean fault() {
    return flag(FLAG_FAULT);
  }

  /**
   * What TLS carries on this socket, a stream of its own: its positions count the plaintext's
   * bytes.
   */
  public final boolean plaintext() {
    return flag(FLAG_PLAINTEXT);
  }

  /** Of plaintext whose beginning was not seen: positions began in the middle. */
  public final boolean preexisting() {
    return flag(FLAG_PREEXISTING);
  }

  /** Where the payload begins in {@link #buffer}. */
  public int payloadOffset() {
    return offset + PAYLOAD_OFFSET;
  }

  @Override
  boolean sound(int available) {
    int start = payloadOffset() - offset;
    return holds(start, available)
        && captured() >= 0
        && captured() <= size() - start
        && captured() <= length()
        && (direction() | EGRESS) == EGRESS;
  }

  /** Copies the payload's first bytes; length at most {@link #captured}. */
  public final void payload(byte[] target, int at, int length) {
    buffer.get(payloadOffset(), target, at, length);
  }
}
