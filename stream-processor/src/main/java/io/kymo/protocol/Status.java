package io.kymo.protocol;

/** How an exchange ended, the same for all protocols. */
public enum Status {
  UNKNOWN("unknown"),
  OK("ok"),
  CLIENT_ERROR("client_error"),
  SERVER_ERROR("server_error"),
  TIMEOUT("timeout"),
  RESET("reset"),
  CONNECTION_CLOSED("connection_closed");

  private final String id;

  Status(String id) {
    this.id = id;
  }

  /** As it stands in column {@code status}. */
  public String id() {
    return id;
  }
}
