package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.sql.SqlDialect;
import io.kymo.protocol.sql.SqlNormaliser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MariaDB: rows equal the general log, in number and by normalised text. */
@OnStack
class MariaDbTest {
  private static final Stack stack = Stack.get();

  @Test
  void commandLineClientWithErrorsAndLargeResults() throws IOException {
    Path script = stack.lab.work.resolve("shop.sql");
    List<String> lines = new ArrayList<>();
    lines.add("CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(3000));");
    for (int i = 0; i < 100; i++) {
      lines.add(
          "INSERT INTO people VALUES ("
              + i
              + ", CONCAT('planted-secret-literal.', REPEAT('x', 2000)));");
    }
    lines.add("SELECT * FROM people;");
    lines.add("SELECT COUNT(*) FROM people WHERE name LIKE 'planted-secret-pattern%';");
    lines.add(
        "SELECT \"planted-secret-quotes\", N'planted-secret-national', _latin1'planted-secret-introduced';");
    lines.add("SELECT 1 /* planted-secret-comment */ + 1 # planted-secret-hash");
    lines.add(";");
    lines.add("SET @word = 'planted-secret-variable';");
    lines.add("CREATE USER other@'%' IDENTIFIED BY 'planted-secret-password';");
    lines.add("SELECT date'planted-secret-date' + 1;");
    lines.add("SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'planted-secret-raised';");
    lines.add("SELECT * FROM no_such_table;");
    lines.add("INSERT INTO people VALUES (1, 'planted-secret-twice');");
    lines.add("BEGIN; UPDATE people SET name = 'y' WHERE id < 10; ROLLBACK;");
    Files.write(script, lines);
    try (MariaDb server = new MariaDb(stack.lab, 13306)) {
      server.client("-c", "-f", "-e", "source " + script);
      equalsLog(server);
      assertThat(stack.count(server.rows("server") + " AND status_code IN ('1146', '1062')"))
          .isEqualTo(2);
      server
          .client("-e", "PREPARE p FROM 'SELECT \\'planted-secret-prepared\\''; EXECUTE p")
          .orFail();
      String executed = server.rows() + " AND statement = 'EXECUTE p'";
      assertThat(stack.awaitCount(executed, 2)).isEqualTo(2);
      Secrets.stayInSegments(
          stack,
          "planted-secret-literal",
          "planted-secret-pattern",
          "planted-secret-quotes",
          "planted-secret-national",
          "planted-secret-introduced",
          "planted-secret-comment",
          "planted-secret-hash",
          "planted-secret-variable",
          "planted-secret-password",
          "planted-secret-date",
          "planted-secret-prepared",
          "planted-secret-raised",
          "planted-secret-twice");
    }
  }

  @ParameterizedTest
  @CsvSource({"useServerPrepStmts=false,13307", "useServerPrepStmts=true,13308"})
  void jdbc(String options, int port) {
    try (MariaDb server = new MariaDb(stack.lab, port)) {
      stack.lab.onClient(
          "java",
          "-Xmx64m",
          "-XX:+UseSerialGC",
          "-cp",
          System.getProperty("java.class.path"),
          MariaDbClient.class.getName(),
          server.jdbcUrl(options));
      equalsLog(server);
    }
  }

  @Test
  void overUnixSocket() {
    try (MariaDb server = new MariaDb(stack.lab, 13309)) {
      stack
          .lab
          .on(
              stack.lab.client,
              "mariadb",
              "--no-defaults",
              "-uapp",
              "-pplanted-secret",
              "-S",
              server.socket(),
              "-e",
              "CREATE TABLE t (a INT); INSERT INTO t VALUES (1), (2); SELECT * FROM t",
              "shop")
          .orFail();
      for (String side : List.of("server", "client")) {
        String rows =
            "protocol = 'mysql' AND observed_at = '"
                + side
                + "' AND server_address = '"
                + server.socket()
                + "' AND resource = 't'";
        assertThat(stack.awaitCount(rows, 3)).as(side).isEqualTo(3);
      }
    }
  }

  /** Statements by text; the other commands (login, quit, prepare) by number. */
  private static void equalsLog(MariaDb server) {
    List<List<String>> log = server.log();
    Map<String, Long> expected =
        log.stream()
            .filter(l -> l.get(0).equals("Query") || l.get(0).equals("Execute"))
            .map(l -> l.get(1).getBytes(StandardCharsets.UTF_8))
            .map(b -> new SqlNormaliser(true).normalise(b, 0, b.length, SqlDialect.MYSQL).text())
            .collect(Collectors.groupingBy(t -> t, Collectors.counting()));
    long total = expected.values().stream().mapToLong(Long::longValue).sum();
    assertThat(total).isPositive();
    for (String side : List.of("server", "client")) {
      String statements =
          server.rows(side) + " AND statement != '' AND NOT startsWith(operation, 'STMT_')";
      assertThat(stack.awaitCount(statements, total)).as(side).isEqualTo(total);
      Map<String, Long> seen =
          stack
              .sql(
                  "SELECT statement, count() FROM requests WHERE "
                      + statements
                      + " GROUP BY statement FORMAT TSVRaw")
              .stream()
              .collect(Collectors.toMap(r -> r.get(0), r -> Long.parseLong(r.get(1))));
      assertThat(seen).as(side).isEqualTo(expected);
      long prepared = log.stream().filter(l -> l.get(0).equals("Prepare")).count();
      assertThat(stack.count(server.rows(side) + " AND operation = 'STMT_PREPARE'"))
          .as(side)
          .isEqualTo(prepared);
    }
    assertThat(
            stack.count(
                "server_port = "
                    + server.port
                    + " AND (statement LIKE '%planted-secret%' OR toString(attributes) LIKE '%planted-secret%')"))
        .isZero();
  }
}
