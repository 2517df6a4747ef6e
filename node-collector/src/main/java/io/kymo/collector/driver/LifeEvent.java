package io.kymo.collector.driver;

/**
 * Flyweight over what happened to a socket (struct kymo_life): result of connect, half closes,
 * close, reset.
 *
 * <pre>
 *  32 u64 ingress_position | 40 u64 egress_position | 48 s32 error | 52 u8 kind | 53 u8 transport
 * </pre>
 */
public final class LifeEvent extends Event {
  public static final int TYPE = 4;
  public static final int INGRESS_POSITION_OFFSET = 32;
  public static final int EGRESS_POSITION_OFFSET = 40;
  public static final int ERROR_OFFSET = 48;
  public static final int KIND_OFFSET = 52;
  public static final int TRANSPORT_OFFSET = 53;
  public static final int LENGTH = 56;

  @Override
  boolean sound(int available) {
    return holds(LENGTH, available);
  }

  /** Position after the last byte read, -1 when unknown. */
  public long ingressPosition() {
    return buffer.getLong(offset + INGRESS_POSITION_OFFSET);
  }

  /** Position after the last byte written, -1 when unknown. */
  public long egressPosition() {
    return buffer.getLong(offset + EGRESS_POSITION_OFFSET);
  }

  /** errno (positive) of a failed connect or a reset, else 0. */
  public int error() {
    return buffer.getInt(offset + ERROR_OFFSET);
  }

  /**
   * Wire id of io.kymo.schemas.ConnectionEventKind. After CLOSED no event of this socket comes any
   * more.
   */
  public int kind() {
    return buffer.get(offset + KIND_OFFSET);
  }

  /** Wire id of io.kymo.schemas.Transport. */
  public int transport() {
    return buffer.get(offset + TRANSPORT_OFFSET);
  }

  /**
   * The close itself was not seen; it is known because the kernel gave the socket's memory to
   * another one.
   */
  public boolean inferred() {
    return flag(FLAG_INFERRED);
  }

  /** CLOSED by the process, not yet by TCP: {@link TcpEvent#ENDED} follows. */
  public boolean lingers() {
    return flag(FLAG_LINGERS);
  }
}
