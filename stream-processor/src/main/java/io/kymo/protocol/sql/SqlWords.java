package io.kymo.protocol.sql;

import java.util.Set;

/** Words that decide what a statement does and where its tables stand. */
final class SqlWords {
  /** First words that become an operation: a closed set, as the operation is of low cardinality. */
  static final Set<String> VERBS =
      Set.of(
          "SELECT",
          "INSERT",
          "UPDATE",
          "DELETE",
          "REPLACE",
          "MERGE",
          "VALUES",
          "TABLE",
          "WITH",
          "EXPLAIN",
          "DESCRIBE",
          "DESC",
          "ANALYZE",
          "CALL",
          "EXEC",
          "DO",
          "BEGIN",
          "START",
          "COMMIT",
          "END",
          "ROLLBACK",
          "ABORT",
          "SAVEPOINT",
          "RELEASE",
          "SET",
          "RESET",
          "SHOW",
          "USE",
          "CREATE",
          "ALTER",
          "DROP",
          "TRUNCATE",
          "RENAME",
          "GRANT",
          "REVOKE",
          "COPY",
          "LOCK",
          "UNLOCK",
          "LISTEN",
          "UNLISTEN",
          "NOTIFY",
          "PREPARE",
          "EXECUTE",
          "DEALLOCATE",
          "DECLARE",
          "FETCH",
          "MOVE",
          "CLOSE",
          "VACUUM",
          "CLUSTER",
          "REINDEX",
          "CHECKPOINT",
          "DISCARD",
          "REFRESH",
          "COMMENT",
          "LOAD",
          "SECURITY",
          "REASSIGN",
          "IMPORT",
          "HANDLER",
          "FLUSH",
          "KILL",
          "OPTIMIZE",
          "CHECK",
          "CHECKSUM",
          "REPAIR",
          "CHANGE",
          "PURGE",
          "STOP",
          "XA",
          "INSTALL",
          "UNINSTALL",
          "HELP",
          "SIGNAL",
          "RESIGNAL",
          "BINLOG",
          "CACHE",
          "SHUTDOWN",
          "RESTART",
          "IDENTIFY_SYSTEM",
          "START_REPLICATION",
          "BASE_BACKUP",
          "CREATE_REPLICATION_SLOT",
          "DROP_REPLICATION_SLOT",
          "READ_REPLICATION_SLOT",
          "TIMELINE_HISTORY");

  /** Begin a query or a data change, alone, in parentheses, behind WITH or EXPLAIN. */
  static final Set<String> QUERY =
      Set.of("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "VALUES", "TABLE", "WITH");

  /** Statements whose own FROM names a table (in FETCH it names a cursor, in REVOKE a role). */
  static final Set<String> FROM_WITHIN =
      Set.of(
          "SELECT",
          "DELETE",
          "INSERT",
          "UPDATE",
          "REPLACE",
          "MERGE",
          "EXPLAIN",
          "DESCRIBE",
          "DESC",
          "DECLARE",
          "PREPARE");

  /** Statements in which a SELECT may follow. */
  static final Set<String> SELECT_WITHIN =
      Set.of("INSERT", "REPLACE", "EXPLAIN", "DECLARE", "PREPARE", "SELECT");

  /** Verbs that a table follows. */
  static final Set<String> NAME_TABLE =
      Set.of(
          "INSERT",
          "REPLACE",
          "UPDATE",
          "MERGE",
          "COPY",
          "TRUNCATE",
          "LOCK",
          "ANALYZE",
          "VACUUM",
          "OPTIMIZE",
          "REPAIR",
          "CHECK",
          "TABLE",
          "HANDLER",
          "REFRESH",
          "CLUSTER");

  /** Stand between a verb or FROM and the table. */
  static final Set<String> BEFORE_TABLE =
      Set.of(
          "INTO",
          "ONLY",
          "LATERAL",
          "TABLE",
          "TABLES",
          "VIEW",
          "MATERIALIZED",
          "IF",
          "NOT",
          "EXISTS",
          "IGNORE",
          "LOW_PRIORITY",
          "HIGH_PRIORITY",
          "DELAYED",
          "QUICK",
          "CONCURRENTLY",
          "FULL",
          "FREEZE",
          "VERBOSE",
          "ANALYZE",
          "BINARY",
          "LOCAL",
          "NO_WRITE_TO_BINLOG",
          "EXTENDED",
          "PARTITIONS",
          "BUFFERS",
          "COSTS",
          "TIMING",
          "FORMAT",
          "JSON",
          "TREE",
          "TEXT");

  static final Set<String> TABLE_TYPES = Set.of("TABLE", "VIEW");

  static final Set<String> OBJECT_TYPES =
      Set.of(
          "TABLE",
          "VIEW",
          "INDEX",
          "SEQUENCE",
          "SCHEMA",
          "DATABASE",
          "FUNCTION",
          "PROCEDURE",
          "TRIGGER",
          "TYPE",
          "USER",
          "ROLE",
          "GROUP",
          "EXTENSION",
          "DOMAIN",
          "EVENT",
          "SERVER",
          "PUBLICATION",
          "SUBSCRIPTION",
          "POLICY",
          "RULE",
          "AGGREGATE",
          "OPERATOR",
          "CAST",
          "COLLATION",
          "LANGUAGE",
          "TABLESPACE",
          "STATISTICS",
          "SYSTEM",
          "CONVERSION",
          "OWNED",
          "PACKAGE",
          "INSTANCE",
          "DEFAULT",
          "LARGE");

  /** Where literals are taken out whatever the user wants. */
  static final Set<String> CREDENTIALS =
      Set.of("PASSWORD", "IDENTIFIED", "MASTER_PASSWORD", "SOURCE_PASSWORD", "CONNECTION");

  private SqlWords() {}
}
