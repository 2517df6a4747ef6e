package io.kymo.schemas;

/** Why a TCP connection's figures were reported. Wire ids are append-only. */
public enum TcpReportKind {
  /** At an interval, when something was sent or received since. */
  STATISTICS(1),
  /** TCP is done with the connection. */
  ENDED(2),
  RETRANSMIT(3),
  RESET_SENT(4),
  RESET_RECEIVED(5),
  /** A packet of the connection was dropped on its own host. */
  DROP(6),
  /** The peer takes no more bytes for now. */
  ZERO_WINDOW_RECEIVED(7),
  /** This end takes no more bytes for now. */
  ZERO_WINDOW_SENT(8);

  private static final WireIds<TcpReportKind> BY_WIRE_ID =
      new WireIds<>(values(), TcpReportKind::wireId);

  private final int wireId;

  TcpReportKind(int wireId) {
    this.wireId = wireId;
  }

  public int wireId() {
    return wireId;
  }

  /** Returns null for an id that this version does not know. */
  public static TcpReportKind ofWireId(int id) {
    return BY_WIRE_ID.of(id);
  }
}
