package io.kymo.protocol.mysql;

/** The server's status flags in OK and EOF packets. MySQL's {@code SERVER_STATUS_flags_enum}. */
final class StatusFlags {
  static final int MORE_RESULTS = 0x0008;
  static final int CURSOR_EXISTS = 0x0040;
  static final int NO_BACKSLASH_ESCAPES = 0x0200;
  static final int SESSION_STATE_CHANGED = 0x4000;

  private StatusFlags() {}
}
