package io.kymo.schemas;

/** What the traced process is on a connection. Wire ids are append-only. */
public enum Role {
  UNKNOWN(0),
  CLIENT(1),
  SERVER(2);

  private static final Role[] BY_WIRE_ID = {UNKNOWN, CLIENT, SERVER};

  private final int wireId;

  Role(int wireId) {
    this.wireId = wireId;
  }

  public int wireId() {
    return wireId;
  }

  /** Unknown ids are UNKNOWN. */
  public static Role ofWireId(int id) {
    return id > 0 && id < BY_WIRE_ID.length ? BY_WIRE_ID[id] : UNKNOWN;
  }
}
