package io.kymo.protocol.mysql;

/**
 * Capability flags that change how packets look. MySQL's are 32 bits, MariaDB's extended ones the
 * 32 above ("Connection: Capabilities" in MariaDB's knowledge base).
 */
final class Capabilities {
  static final long LONG_PASSWORD = 1;
  static final long CONNECT_WITH_DB = 1 << 3;
  static final long COMPRESS = 1 << 5;
  static final long PROTOCOL_41 = 1 << 9;
  static final long SSL = 1 << 11;
  static final long SECURE_CONNECTION = 1 << 15;
  static final long PLUGIN_AUTH = 1 << 19;
  static final long PLUGIN_AUTH_LENENC = 1 << 21;
  static final long SESSION_TRACK = 1 << 23;
  static final long DEPRECATE_EOF = 1 << 24;
  static final long OPTIONAL_METADATA = 1 << 25;
  static final long ZSTD = 1 << 26;

  /** What nobody said yet. */
  static final long UNKNOWN = -1;

  private Capabilities() {}
}
