package io.kymo.schemas;

/** What happened to a connection. Wire ids are append-only. */
public enum ConnectionEventKind {
  OPENED(1),
  CONNECT_FAILED(2),
  /** The traced process will write no more. */
  SHUTDOWN_EGRESS(3),
  /** The traced process read the end of the stream, or will read no more. */
  SHUTDOWN_INGRESS(4),
  CLOSED(5),
  RESET(6);

  private static final WireIds<ConnectionEventKind> BY_WIRE_ID =
      new WireIds<>(values(), ConnectionEventKind::wireId);

  private final int wireId;

  ConnectionEventKind(int wireId) {
    this.wireId = wireId;
  }

  public int wireId() {
    return wireId;
  }

  /** Returns null for an id that this version does not know. */
  public static ConnectionEventKind ofWireId(int id) {
    return BY_WIRE_ID.of(id);
  }
}
