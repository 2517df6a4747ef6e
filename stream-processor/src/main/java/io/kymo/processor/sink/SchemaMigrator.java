package io.kymo.processor.sink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates and migrates the schema: the scripts {@code clickhouse/NNNN-name.sql} run once each, in
 * order. Table {@code schema_migrations} remembers them. A script is written so that running it
 * again after a crash in its middle does no harm.
 */
final class SchemaMigrator {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaMigrator.class);

  /** In order; append only. */
  static final List<String> SCRIPTS =
      List.of(
          "0001-tables",
          "0002-views",
          "0003-tls",
          "0004-tcp",
          "0005-unseen",
          "0006-minutes",
          "0007-blame");

  private final ClickHouse clickhouse;

  SchemaMigrator(ClickHouse clickhouse) {
    this.clickhouse = clickhouse;
  }

  /**
   * Brings the database to this program's version.
   *
   * @throws NewerSchemaException when it is already past it
   */
  void migrate() throws IOException, NewerSchemaException {
    String db = clickhouse.database();
    clickhouse.execute("CREATE DATABASE IF NOT EXISTS " + db);
    clickhouse.execute(
        "CREATE TABLE IF NOT EXISTS "
            + db
            + ".schema_migrations (version UInt32, name String, applied DateTime64(3, 'UTC') DEFAULT now64(3))"
            + " ENGINE = MergeTree ORDER BY version COMMENT 'Scripts that made this schema'");
    long version =
        clickhouse
            .query("SELECT max(version) AS v FROM " + db + ".schema_migrations")
            .get(0)
            .getLong("v");
    if (version > SCRIPTS.size()) {
      throw new NewerSchemaException(
          "database "
              + db
              + " has schema version "
              + version
              + ", this program knows "
              + SCRIPTS.size()
              + ": run a newer Kymo, or name another database (clickhouse.database)");
    }
    for (int v = (int) version; v < SCRIPTS.size(); v++) {
      String name = SCRIPTS.get(v);
      for (String statement : statements(name)) {
        clickhouse.execute(qualify(statement, db));
      }
      clickhouse.execute(
          "INSERT INTO "
              + db
              + ".schema_migrations (version, name) VALUES ("
              + (v + 1)
              + ", '"
              + name
              + "')");
      LOG.info("schema of {}: {} applied", db, name);
    }
  }

  static List<String> statements(String script) throws IOException {
    String text;
    try (InputStream in =
        SchemaMigrator.class.getResourceAsStream("/clickhouse/" + script + ".sql")) {
      if (in == null) {
        throw new IOException("clickhouse/" + script + ".sql is not on the class path");
      }
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    List<String> statements = new ArrayList<>();
    for (String part : text.replaceAll("(?m)^--.*$", "").split(";\\s*(?:\\n|$)", -1)) {
      if (!part.isBlank()) {
        statements.add(part.strip());
      }
    }
    return statements;
  }

  /** Scripts name tables without database; each statement runs in a session of its own. */
  private static String qualify(String statement, String db) {
    return statement.replaceAll(
        "(?m)((?:CREATE (?:TABLE|VIEW) IF NOT EXISTS|CREATE OR REPLACE VIEW|ALTER TABLE|FROM|JOIN) )([a-z_0-9]+)",
        "$1" + db + ".$2");
  }
}
