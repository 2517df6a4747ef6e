package io.kymo.protocol.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SqlNormaliserProperties {
  private final SqlNormaliser normaliser = new SqlNormaliser(true);

  private String text(byte[] sql, int to, SqlDialect dialect) {
    return normaliser.normalise(sql, 0, to, dialect).text();
  }

  /** Whatever the text, cut wherever: what is written stays the same when read again. */
  @Property(tries = 3000)
  void idempotent(@ForAll("anything") String sql, @ForAll SqlDialect dialect) {
    byte[] raw = sql.getBytes(StandardCharsets.UTF_8);
    String once = text(raw, raw.length, dialect);
    byte[] again = once.getBytes(StandardCharsets.UTF_8);
    assertThat(text(again, again.length, dialect)).isEqualTo(once);
    assertThat(again.length).isLessThanOrEqualTo(SqlNormaliser.MAX_TEXT);
  }

  /** Every literal holds "sEcReT" or the digits 90817, wherever the text is cut. */
  @Property(tries = 1500)
  void noLiteralSurvivesInPostgresql(@ForAll("postgresqlText") String sql) {
    noSecret(sql, SqlDialect.POSTGRESQL);
  }

  @Property(tries = 1500)
  void noLiteralSurvivesInMysql(@ForAll("mysqlText") String sql) {
    noSecret(sql, SqlDialect.MYSQL);
  }

  private void noSecret(String sql, SqlDialect dialect) {
    byte[] raw = sql.getBytes(StandardCharsets.UTF_8);
    for (int to = 1; to <= raw.length; to += 1 + raw.length / 64) {
      SqlStatement s = normaliser.normalise(raw, 0, to, dialect, to < raw.length);
      assertThat(s.toString()).doesNotContainIgnoringCase("secret").doesNotContain("90817");
    }
    assertThat(text(raw, raw.length, dialect)).startsWith("SELECT");
  }

  @Provide
  Arbitrary<String> anything() {
    return Arbitraries.of(
            "'",
            "\"",
            "`",
            "\\",
            "$",
            "$$",
            "$a$",
            "--",
            "-",
            "/*",
            "*/",
            "/*!",
            "/*!50003",
            "#",
            "E'",
            "e",
            "x'",
            "U&'",
            "_utf8'",
            "1",
            ".5",
            "1e",
            "e-5",
            "?",
            "$1",
            "@",
            "(",
            ")",
            "[",
            "]",
            ",",
            ";",
            ".",
            "::",
            "+",
            "*",
            "IN",
            "in (",
            "ARRAY[",
            "VALUES",
            "ROW",
            "NULL",
            "SELECT",
            "FROM",
            "WITH",
            "t",
            "ü",
            "…",
            " ",
            "\n",
            "\t",
            "\u0001",
            "(1,2)",
            "(1,f(2))",
            "(1)",
            ",(",
            "IN (1,2,",
            "é1",
            "a$b")
        .list()
        .ofMaxSize(40)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> postgresqlText() {
    return text(
        Arbitraries.of(
            "'sEcReT'",
            "'it''s sEcReT'",
            "'sEcReT\\'",
            "E'\\'sEcReT\\\\'",
            "e'''sEcReT'",
            "N'sEcReT'",
            "U&'\\0041 sEcReT'",
            "$$sEcReT ' $1$$",
            "$q$ $$sEcReT$$ $q$",
            "90817",
            "-90817",
            "90817.90817e-3",
            ".90817",
            "0x90817",
            "X'90817'",
            "B'90817'",
            "90_90817",
            "'multi\nline -- sEcReT'",
            "' /* sEcReT '",
            "/* sEcReT ' /* \" */ */ 1",
            "-- sEcReT '\n1",
            "'90817'::int",
            "(90817)",
            "ARRAY[90817, 90817]",
            "'ü sEcReT'"));
  }

  @Provide
  Arbitrary<String> mysqlText() {
    return text(
        Arbitraries.of(
            "'sEcReT'",
            "'it''s sEcReT'",
            "'it\\'s sEcReT'",
            "'sEcReT\\\\'",
            "\"sEcReT\"",
            "\"it\\\"s sEcReT\"",
            "\"a\"\"sEcReT\"",
            "_utf8mb4'sEcReT'",
            "N'sEcReT'",
            "0x90817",
            "x'90817'",
            "b'90817'",
            "90817",
            "-90817",
            "90817.90817e-3",
            "'multi\n# sEcReT'",
            "/* sEcReT ' */ 1",
            "# sEcReT '\n1",
            "-- sEcReT \"\n1",
            "5--90817",
            "/*! 90817 */",
            "/*!50003 'sEcReT' */",
            "@v := 'sEcReT'",
            "(90817)"));
  }

  private static Arbitrary<String> text(Arbitrary<String> literal) {
    Arbitrary<String> glue =
        Arbitraries.of(
            ", ",
            ",",
            " = ",
            "=",
            " AND a = ",
            " IN (1, ",
            ") ",
            " VALUES (",
            "), (",
            " + ",
            "-",
            " FROM t WHERE x = ",
            "\n",
            " || ",
            ";SELECT ",
            " CASE WHEN ",
            "(",
            ")");
    return Combinators.combine(literal, glue)
        .as((l, g) -> l + (l.endsWith("1") && Character.isLetter(g.charAt(0)) ? " " : "") + g)
        .list()
        .ofMinSize(1)
        .ofMaxSize(12)
        .map(parts -> "SELECT " + String.join("", parts));
  }
}
