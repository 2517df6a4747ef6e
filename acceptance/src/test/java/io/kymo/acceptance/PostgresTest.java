package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.sql.SqlDialect;
import io.kymo.protocol.sql.SqlNormaliser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PostgreSQL: rows equal the server's log of statements, in number and by normalised text. */
@OnStack
class PostgresTest {
  private static final Stack stack = Stack.get();

  @ParameterizedTest
  @CsvSource({"simple,15431", "extended,15432", "prepared,15433"})
  void pgbench(String mode, int port) {
    try (Postgres server = new Postgres(stack.lab, port)) {
      server.pgbench("-i", "-s", "1", "-q", "-I", "dtgp").orFail();
      server.pgbench("-M", mode, "-c", "8", "-j", "1", "-t", "100", "-n").orFail();
      equalsLog(server);
    }
  }

  @Test
  void psqlWithErrorsCopyAndTransactions() throws IOException {
    Path script = stack.lab.work.resolve("script.sql");
    Files.writeString(
        script,
        String.join(
            "\n",
            "CREATE TABLE people (id int PRIMARY KEY, name text, born date);",
            "INSERT INTO people VALUES (1, 'planted-secret-literal', '1970-01-01'), (2, 'b', NULL);",
            "COPY people FROM STDIN;",
            "3\tplanted-secret-copied\t1980-02-02",
            "4\tdave\t\\N",
            "\\.",
            "COPY people TO STDOUT;",
            "SELECT count(*) FROM people WHERE name LIKE 'planted-secret-pattern%';",
            "SELECT $x$planted-secret-dollar$x$, E'\\'planted-secret-escape', U&'planted-secret-unicode';",
            "/* planted-secret-comment */ SELECT 1 -- planted-secret-dashes",
            ";",
            "SELECT 'planted-secret-cast'::int;",
            "CREATE ROLE app LOGIN PASSWORD 'planted-secret-login';",
            "PREPARE p(text) AS SELECT $1;",
            "EXECUTE p('planted-secret-parameter');",
            "DO $$BEGIN RAISE EXCEPTION 'planted-secret-raised'; END$$;",
            "SELECT * FROM no_such_table;",
            "SELECT 1/0;",
            "BEGIN; SAVEPOINT a; INSERT INTO people VALUES (1, 'planted-secret-twice', NULL);",
            "ROLLBACK;",
            "SELECT repeat('x', 3000) FROM generate_series(1, 200);",
            "LISTEN news; NOTIFY news, 'planted-secret-news';"));
    try (Postgres server = new Postgres(stack.lab, 15434)) {
      server.psql("-q", "-f", script.toString());
      server.psql("-q", "-c", "SELECT 'a' AS first; SELECT 'b' AS second");
      equalsLog(server);
      List<List<String>> errors =
          stack.sql(
              "SELECT status_code FROM requests WHERE "
                  + server.rows("server")
                  + " AND error_type != '' ORDER BY time");
      assertThat(errors.stream().map(r -> r.get(0)).toList()).isEqualTo(server.errors());
      server.login("app", "planted-secret-login").orFail();
      String loggedIn = server.rows() + " AND statement = 'SELECT current_user'";
      assertThat(stack.awaitCount(loggedIn, 2)).isEqualTo(2);
      Secrets.stayInSegments(
          stack,
          "planted-secret-literal",
          "planted-secret-copied",
          "planted-secret-pattern",
          "planted-secret-dollar",
          "planted-secret-escape",
          "planted-secret-unicode",
          "planted-secret-comment",
          "planted-secret-dashes",
          "planted-secret-cast",
          "planted-secret-login",
          "planted-secret-parameter",
          "planted-secret-raised",
          "planted-secret-twice",
          "planted-secret-news");
    }
  }

  private static void equalsLog(Postgres server) {
    List<String> log = server.statements();
    assertThat(log).isNotEmpty();
    for (String side : List.of("server", "client")) {
      assertThat(stack.awaitCount(server.rows(side), log.size())).as(side).isEqualTo(log.size());
      Map<String, Long> seen =
          stack
              .sql(
                  "SELECT statement, count() FROM requests WHERE "
                      + server.rows(side)
                      + " GROUP BY statement FORMAT TSVRaw")
              .stream()
              .collect(Collectors.toMap(r -> r.get(0), r -> Long.parseLong(r.get(1))));
      assertThat(seen).as(side).isEqualTo(normalised(log));
    }
  }

  private static Map<String, Long> normalised(List<String> log) {
    return log.stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .map(b -> new SqlNormaliser(true).normalise(b, 0, b.length, SqlDialect.POSTGRESQL).text())
        .collect(Collectors.groupingBy(t -> t, Collectors.counting()));
  }
}
