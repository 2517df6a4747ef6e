package io.kymo.schemas;

/** What the traced process is on a connection. Wire ids are append-only. */
public enum Role {
  UNKNOWN(0),
  CLIENT(1),
  SERVER(2);

  private static final WireIds<Role> BY_WIRE_ID = new WireIds<>(values(), Role::wireId);

  private final int wireId;

  Role(int wireId) {
    this.wireId = wireId;
  }

  public int wireId() {
    return wireId;
  }

  /** Unknown ids are UNKNOWN. */
  public static Role ofWireId(int id) {
    Role role = BY_WIRE_ID.of(id);
    return role == null ? UNKNOWN : role;
  }
}
