package io.kymo.protocol.sql;

import static io.kymo.protocol.sql.SqlDialect.MYSQL;
import static io.kymo.protocol.sql.SqlDialect.MYSQL_NO_BACKSLASH_ESCAPES;
import static io.kymo.protocol.sql.SqlDialect.POSTGRESQL;
import static io.kymo.protocol.sql.SqlDialect.POSTGRESQL_BACKSLASH_ESCAPES;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlNormaliserTest {
  private final SqlNormaliser normaliser = new SqlNormaliser(true);

  private SqlStatement of(String sql, SqlDialect dialect) {
    byte[] b = sql.replace('⏎', '\n').getBytes(StandardCharsets.UTF_8);
    return normaliser.normalise(b, 0, b.length, dialect);
  }

  private String text(String sql, SqlDialect dialect) {
    return of(sql, dialect).text();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '¬',
      value = {
        "SELECT 'it''s' FROM t WHERE a=1 AND b=1.5e-3;¦SELECT ? FROM t WHERE a=? AND b=?;",
        "SELECT E'a\\'b', 'c:\\', x FROM t¦SELECT ?, ?, x FROM t",
        "SELECT b'01', X'ff', N'n', U&'\\0041', U&\"ident\"¦SELECT ?, ?, ?, ?, U&\"ident\"",
        "SELECT $$a'b$$, $f$ $$ $f$, $1, a$1 FROM \"T\"\"x\"¦SELECT ?, ?, $1, a$1 FROM \"T\"\"x\"",
        "SELECT 0x1F, 1_000, .5, 5., a.b, x[1:2]¦SELECT ?, ?, ?, ?, a.b, x[?:?]",
        "SELECT 1 -- secret¦SELECT ?",
        "SELECT /* a /* nested */ still */ 1 # 2¦SELECT ? # ?",
        "SELECT '1'::int, a::text¦SELECT ?::int, a::text",
        "SELECT * FROM t WHERE a IN (1, 2,3) AND b IN ('x') AND c IN ($1,$2)"
            + "¦SELECT * FROM t WHERE a IN (?) AND b IN (?) AND c IN (?)",
        "SELECT ARRAY[1,2,3]¦SELECT ARRAY[?]",
        "INSERT INTO t (a,b) VALUES (1,'x'), (2,'y'),(3,NULL)¦INSERT INTO t (a,b) VALUES (?,?)",
        "INSERT INTO t VALUES (1,now()),(2,now()) RETURNING a"
            + "¦INSERT INTO t VALUES (?,now()) RETURNING a",
        "INSERT INTO t VALUES (1,f(2)),(2,g(3)),(4,5),(6,g(7))"
            + "¦INSERT INTO t VALUES (?,f(?)),(?,g(?)),(?,g(?))",
        "UPDATE a SET b = b + -5 WHERE c = -1 AND d - 1 > +2"
            + "¦UPDATE a SET b = b + ? WHERE c = ? AND d - ? > ?",
        "ALTER ROLE bob PASSWORD 'secret'¦ALTER ROLE bob PASSWORD ?",
        "SELECT data ? 'k', data @? '$.a' FROM t¦SELECT data ? ?, data @? ? FROM t",
        "SELECT 'cut in the mid¦SELECT ?",
        "SELECT \"cut in the mid¦SELECT ?",
        "SELECT $a$cut in the mid $a¦SELECT ?",
        "SELECT 1 /* cut in the mid¦SELECT ?",
        "SELECT  ⏎ ⏎⏎  1⏎¦SELECT ?",
        "SELECT 1 -- secret⏎, 2¦SELECT ? , ?",
        "DO $$ BEGIN PERFORM 'x'; END $$¦DO ?",
        "SELECT 550e8400-e29b-41d4¦SELECT ?-e29b-?",
        "SELECT 12secret¦SELECT ?",
      })
  void postgresql(String sql, String expected) {
    assertThat(text(sql, POSTGRESQL)).isEqualTo(expected);
    assertThat(text(expected, POSTGRESQL)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '¬',
      value = {
        "SELECT 'it\\'s', \"a\\\"b\"\"c\", `a``b`, _utf8mb4'x', 0xAF, N'x'¦SELECT ?, ?, `a``b`, ?, ?, ?",
        "SELECT 1 # secret⏎, 2¦SELECT ? , ?",
        "SELECT 5--3, 5 -- secret¦SELECT ?-?, ?",
        "SELECT a--b--/*x*/ c¦SELECT a- -b- - c",
        "/*!40101 SET NAMES utf8 */;¦/*!40101 SET NAMES utf8 */;",
        "/*!50003 SELECT '1' */¦/*!50003 SELECT ? */",
        "SELECT @@global.x, @v := 5 FROM `db`.`t`¦SELECT @@global.x, @v := ? FROM `db`.`t`",
        "CREATE USER 'bob'@'%' IDENTIFIED BY 'pw'¦CREATE USER ?@? IDENTIFIED BY ?",
        "SELECT 'cut in the mid \\'¦SELECT ?",
        "SELECT `cut in the mid¦SELECT ?",
        "INSERT INTO t VALUES ROW(1,2), ROW(3,4)¦INSERT INTO t VALUES ROW(?,?)",
        "INSERT INTO t VALUES (1) ON DUPLICATE KEY UPDATE a=VALUES(a), b=2"
            + "¦INSERT INTO t VALUES (?) ON DUPLICATE KEY UPDATE a=VALUES(a), b=?",
        "SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1¦SELECT ?",
        "SELECT * FROM t WHERE a = ? AND b IN (?,?,?)¦SELECT * FROM t WHERE a = ? AND b IN (?)",
      })
  void mysql(String sql, String expected) {
    assertThat(text(sql, MYSQL)).isEqualTo(expected);
    assertThat(text(expected, MYSQL)).isEqualTo(expected);
  }

  @Test
  void backslashesAsTheServerReadsThem() {
    String sql = "SELECT 'a\\' , secret -- '";
    assertThat(text(sql, POSTGRESQL)).isEqualTo("SELECT ? , secret");
    assertThat(text(sql, MYSQL_NO_BACKSLASH_ESCAPES)).isEqualTo("SELECT ? , secret");
    assertThat(text(sql, MYSQL)).isEqualTo("SELECT ?");
    assertThat(text(sql, POSTGRESQL_BACKSLASH_ESCAPES)).isEqualTo("SELECT ?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '¬',
      emptyValue = "",
      value = {
        "select * from orders¦SELECT¦orders¦SELECT orders",
        "SELECT 1¦SELECT¦¦SELECT",
        "(SELECT a FROM x) UNION SELECT b FROM y¦SELECT¦y¦SELECT x SELECT y",
        "SELECT extract(year FROM d) FROM shop.\"Orders\" o JOIN items i ON true"
            + "¦SELECT¦shop.Orders¦SELECT shop.Orders items",
        "SELECT * FROM (SELECT * FROM inner_t) x¦SELECT¦inner_t¦SELECT SELECT inner_t",
        "SELECT * FROM generate_series(1, 10)¦SELECT¦¦SELECT",
        "SELECT (SELECT count(*) FROM items) FROM orders FOR UPDATE"
            + "¦SELECT¦orders¦SELECT SELECT items orders",
        "SELECT a IS DISTINCT FROM b¦SELECT¦¦SELECT",
        "WITH x AS (SELECT * FROM o), y(a) AS (DELETE FROM p RETURNING a) SELECT * FROM x, y"
            + "¦SELECT¦o¦SELECT o DELETE p SELECT",
        "WITH RECURSIVE x AS (SELECT 1) INSERT INTO t (a) SELECT * FROM x"
            + "¦INSERT¦t¦SELECT INSERT t SELECT",
        "INSERT INTO t(a) VALUES (1)¦INSERT¦t¦INSERT t",
        "INSERT INTO archive SELECT * FROM orders¦INSERT¦archive¦INSERT archive SELECT orders",
        "UPDATE ONLY t SET a=1 FROM u¦UPDATE¦t¦UPDATE t u",
        "DELETE FROM t WHERE a = 1¦DELETE¦t¦DELETE t",
        "MERGE INTO t USING u ON true¦MERGE¦t¦MERGE t",
        "COPY t (a) FROM STDIN¦COPY¦t¦COPY t",
        "COPY (SELECT * FROM t) TO STDOUT¦COPY¦t¦COPY SELECT t",
        "CREATE TABLE IF NOT EXISTS s.t (a int)¦CREATE TABLE¦s.t¦CREATE TABLE s.t",
        "CREATE TEMP TABLE t AS SELECT * FROM u¦CREATE TABLE¦t¦CREATE TABLE t SELECT u",
        "CREATE OR REPLACE VIEW v AS SELECT 1¦CREATE VIEW¦v¦CREATE VIEW v SELECT",
        "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)¦CREATE INDEX¦t¦CREATE INDEX t",
        "DROP TABLE IF EXISTS a, b¦DROP TABLE¦a¦DROP TABLE a",
        "TRUNCATE TABLE t¦TRUNCATE¦t¦TRUNCATE t",
        "VACUUM (ANALYZE, VERBOSE) t¦VACUUM¦t¦VACUUM t",
        "EXPLAIN (ANALYZE, FORMAT JSON, WAL) SELECT * FROM t¦EXPLAIN¦t¦EXPLAIN SELECT t",
        "BEGIN; SELECT * FROM t¦BEGIN¦¦BEGIN",
        "START TRANSACTION READ ONLY¦START TRANSACTION¦¦START TRANSACTION",
        "CALL shop.add(1)¦CALL¦¦CALL shop.add",
        "FETCH 10 FROM c¦FETCH¦¦FETCH",
        "SET search_path TO x¦SET¦¦SET",
        "; ;SELECT * FROM t¦SELECT¦t¦SELECT t",
        "hunter2 oops¦¦¦",
        "'x'¦¦¦",
      })
  void verbAndTables(String sql, String operation, String table, String summary) {
    SqlStatement s = of(sql, POSTGRESQL);
    assertThat(s.operation()).isEqualTo(operation == null ? "" : operation);
    assertThat(s.table()).isEqualTo(table == null ? "" : table);
    assertThat(s.summary()).isEqualTo(summary == null ? "" : summary);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '¦',
      quoteCharacter = '¬',
      value = {
        "INSERT IGNORE `db`.`t` SET a=1¦INSERT¦db.t¦INSERT db.t",
        "REPLACE INTO t VALUES (1)¦REPLACE¦t¦REPLACE t",
        "LOAD DATA LOCAL INFILE 'x' INTO TABLE t¦LOAD DATA¦t¦LOAD DATA t",
        "DELETE a FROM a JOIN b ON a.x=b.x¦DELETE¦a¦DELETE a b",
        "LOCK TABLES t READ¦LOCK¦t¦LOCK t",
        "DESCRIBE t¦DESCRIBE¦t¦DESCRIBE t",
        "EXPLAIN FORMAT=JSON SELECT * FROM t¦EXPLAIN¦t¦EXPLAIN SELECT t",
        "CREATE DEFINER=`r`@`h` VIEW v AS SELECT 1¦CREATE VIEW¦v¦CREATE VIEW v SELECT",
      })
  void verbAndTablesInMysql(String sql, String operation, String table, String summary) {
    SqlStatement s = of(sql, MYSQL);
    assertThat(s.operation()).isEqualTo(operation);
    assertThat(s.table()).isEqualTo(table);
    assertThat(s.summary()).isEqualTo(summary);
  }

  @Test
  void traceContextOutOfAComment() {
    SqlStatement s =
        of(
            "SELECT 1 /*db_driver='x',traceparent='00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01'*/",
            POSTGRESQL);
    assertThat(s.text()).isEqualTo("SELECT ?");
    assertThat(s.traceId()).isEqualTo("5bd66ef5095369c7b0d1f8f4bd33716a");
    assertThat(s.spanId()).isEqualTo("c532cb4098ac3dd2");
    assertThat(of("SELECT 'traceparent=00-5bd66ef5095369c7b0d1f8f4bd33716a'", MYSQL).traceId())
        .isEmpty();
    assertThat(
            of(
                    "SELECT 1 -- traceparent='00-00000000000000000000000000000000-c532cb4098ac3dd2-01'",
                    MYSQL)
                .traceId())
        .isEmpty();
  }

  @Test
  void textThatWasCut() {
    byte[] b = "SELECT a FROM ord".getBytes(StandardCharsets.UTF_8);
    SqlStatement s = normaliser.normalise(b, 0, b.length, POSTGRESQL, true);
    assertThat(s)
        .isEqualTo(new SqlStatement("SELECT a FROM ord …", "SELECT", "", "SELECT", "", ""));
    assertThat(of("SELECT a FROM ord", POSTGRESQL).table()).isEqualTo("ord");
  }

  @Test
  void longTextsAreBounded() {
    String columns = "SELECT " + "column_of_some_length, ".repeat(5_000);
    String text = text(columns, POSTGRESQL);
    assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(16_000, 16_384);
    assertThat(text).endsWith(" …");
    assertThat(text(text, POSTGRESQL)).isEqualTo(text);
    assertThat(text("INSERT INTO t VALUES (1)" + ",(1, 'x')".repeat(50_000), MYSQL))
        .isEqualTo("INSERT INTO t VALUES (?), …");
  }

  @Test
  void textsAsTheyAreOnDemandButForPasswords() {
    assertThat(kept("SELECT  'x' -- y")).isEqualTo("SELECT  'x' -- y");
    assertThat(kept("alter role r  password 'x'")).isEqualTo("alter role r password ?");
  }

  private static String kept(String sql) {
    byte[] b = sql.getBytes(StandardCharsets.UTF_8);
    return new SqlNormaliser(false).normalise(b, 0, b.length, POSTGRESQL).text();
  }

  @Test
  void bytesAroundTheTextChangeNothing() {
    byte[] b = ".5 AS a'".getBytes(StandardCharsets.UTF_8);
    assertThat(normaliser.normalise(b, 1, b.length - 1, POSTGRESQL).text()).isEqualTo("? AS a");
    b = "..5 AS a'".getBytes(StandardCharsets.UTF_8);
    assertThat(normaliser.normalise(b, 1, b.length - 1, POSTGRESQL).text()).isEqualTo("? AS a");
  }

  @Test
  void cacheTellsTextsApart() {
    for (int round = 0; round < 3; round++) {
      for (int k = 0; k < 5_000; k++) {
        assertThat(of("SELECT c" + k + " FROM t" + k, POSTGRESQL).table()).isEqualTo("t" + k);
      }
    }
    String sql = "SELECT \"x\"";
    assertThat(text(sql, POSTGRESQL)).isEqualTo(sql);
    assertThat(text(sql, MYSQL)).isEqualTo("SELECT ?");
    assertThat(of(sql, MYSQL)).isSameAs(of(sql, MYSQL));
  }
}
