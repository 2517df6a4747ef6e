package io.kymo.protocol.sql;

/**
 * Where the lexical rules differ. Which quotes hold literals decides what is taken out, so the
 * rules that a server can switch are dialects of their own.
 */
public enum SqlDialect {
  /**
   * MySQL and MariaDB. {@code "…"} is a literal: under {@code ANSI_QUOTES}, which the wire does not
   * tell, it would be an identifier, and then that identifier is lost rather than a secret kept.
   */
  MYSQL(true, true),
  /** {@code SERVER_STATUS_NO_BACKSLASH_ESCAPES} (0x0200) stands in the server's status flags. */
  MYSQL_NO_BACKSLASH_ESCAPES(true, false),
  POSTGRESQL(false, false),
  /** The server reported {@code standard_conforming_strings = off}. */
  POSTGRESQL_BACKSLASH_ESCAPES(false, true);

  final boolean mysql;
  final boolean backslashEscapes;

  SqlDialect(boolean mysql, boolean backslashEscapes) {
    this.mysql = mysql;
    this.backslashEscapes = backslashEscapes;
  }
}
