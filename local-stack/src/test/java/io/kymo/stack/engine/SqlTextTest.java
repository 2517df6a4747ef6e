package io.kymo.stack.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.stack.engine.SqlText.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlTextTest {
  private static SqlText of(String text) {
    byte[] bytes = bytes(text);
    return SqlText.of(bytes, bytes.length);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String intoFile(String text) {
    String whole = new String(of(text).intoFile("F"), StandardCharsets.UTF_8);
    return whole.replace("\nINTO OUTFILE 'F' APPEND\n", "@");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT 1|SELECT 1@",
        "SELECT 1;|SELECT 1@",
        "SELECT 1 ; -- FORMAT JSON|SELECT 1@",
        "SELECT 1 FORMAT JSON|SELECT 1 @FORMAT JSON",
        "select 1 format JSON settings max_threads=1|select 1 @format JSON settings max_threads=1",
        "SELECT 1 SETTINGS max_threads=1 FORMAT JSON;|SELECT 1 SETTINGS max_threads=1 @FORMAT JSON",
        "SELECT 'FORMAT JSON'|SELECT 'FORMAT JSON'@",
        "SELECT a AS format FROM t|SELECT a AS format FROM t@",
        "SELECT a AS format FORMAT CSV|SELECT a AS format @FORMAT CSV",
        "SELECT 1 AS format SETTINGS a = 1|SELECT 1 AS format SETTINGS a = 1@",
        "SELECT (SELECT 1 FORMAT) x|SELECT (SELECT 1 FORMAT) x@",
        "SELECT $x$ FORMAT JSON $x$|SELECT $x$ FORMAT JSON $x$@",
        "SELECT `a; FORMAT b` FROM t|SELECT `a; FORMAT b` FROM t@",
        "SELECT 1 /* FORMAT /* JSON */ x */|SELECT 1@",
        "(SELECT 1) UNION ALL (SELECT 2) FORMAT TSV|(SELECT 1) UNION ALL (SELECT 2) @FORMAT TSV",
      })
  void aResultGoesWhereItsFormatIsNamed(String text, String expected) {
    assertThat(of(text).kind()).isEqualTo(Kind.SELECT);
    assertThat(intoFile(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "INSERT INTO t FORMAT CSV\\n1,2|INSERT INTO t |CSV|1,2",
        "INSERT INTO t FORMAT CSV \\r\\n\\n1|INSERT INTO t |CSV|\\n1",
        "insert t format JSONEachRow {}|insert t |JSONEachRow|{}",
        "INSERT INTO t (a, format, values) VALUES (1)|INSERT INTO t (a, format, values) |Values| (1)",
        "INSERT INTO values VALUES (1)|INSERT INTO values |Values| (1)",
        "INSERT INTO db.format FORMAT CSV 1|INSERT INTO db.format |CSV|1",
        "INSERT INTO `a b`.\"FORMAT\" VALUES(1)|INSERT INTO `a b`.\"FORMAT\" |Values|(1)",
        "INSERT INTO t SETTINGS a = 1, b = 'x' FORMAT TSV 1|INSERT INTO t SETTINGS a = 1, b = 'x'"
            + " |TSV|1",
        "INSERT INTO FUNCTION null('a Int8') VALUES (1)|INSERT INTO FUNCTION null('a Int8')"
            + " |Values| (1)",
        "INSERT INTO {t:Identifier} FORMAT CSV 1|INSERT INTO {t:Identifier} |CSV|1",
        "/* x */ INSERT /* FORMAT */ INTO t VALUES;|/* x */ INSERT /* FORMAT */ INTO t |Values|;",
      })
  void anInsertsDataBeginsBehindItsFormat(String text, String head, String format, String data) {
    SqlText sql = of(text.replace("\\n", "\n").replace("\\r", "\r"));
    assertThat(sql.kind()).isEqualTo(Kind.INSERT);
    assertThat(sql.head()).isEqualTo(head);
    assertThat(sql.format()).isEqualTo(format);
    byte[] all = sql.text();
    assertThat(new String(all, sql.dataAt(), all.length - sql.dataAt(), StandardCharsets.UTF_8))
        .isEqualTo(data.replace("\\n", "\n"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t SELECT 1",
        "INSERT INTO t (a, b) SELECT 1, 2 FORMAT CSV",
        "INSERT INTO t (SELECT 1)",
        "INSERT INTO t WITH 1 AS x SELECT x",
        "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        "CREATE TABLE t (a Int8) ENGINE = Memory",
        "SHOW TABLES",
        "SET a = 1",
      })
  void theRestRunsAsItIs(String text) {
    assertThat(of(text).kind()).isEqualTo(Kind.OTHER);
  }

  @Test
  void namesAndEndsAreFound() {
    assertThat(of(" -- x\n;").kind()).isEqualTo(Kind.OTHER);
    assertThat(of(" -- x\n").kind()).isEqualTo(Kind.EMPTY);
    assertThat(of("SELECT 1; SELECT 2").several()).isTrue();
    assertThat(of("SELECT ';';;").several()).isFalse();
    assertThat(of("DROP TABLE a; DROP TABLE b").several()).isTrue();
    assertThat(of("SELECT 1 INTO OUTFILE 'x'").kind()).isEqualTo(Kind.INTO_OUTFILE);
    assertThat(of("/* x */ system shutdown").kind()).isEqualTo(Kind.SHUTDOWN);
    assertThat(of("SYSTEM KILL").kind()).isEqualTo(Kind.SHUTDOWN);
    assertThat(of("SYSTEM FLUSH LOGS").kind()).isEqualTo(Kind.OTHER);
    assertThat(of("SELECT 'INTO OUTFILE'").kind()).isEqualTo(Kind.SELECT);
    assertThat(of("SHOW TABLES FORMAT CSV").format()).isEqualTo("CSV");
    assertThat(of("INSERT INTO t (a)").head()).isEqualTo("INSERT INTO t (a)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT file('/x')",
        "SELECT `file`('/x')",
        "SELECT \"file\" ('/x')",
        "SELECT `f\\x69le`('/x')",
        "SELECT arrayMap(file, ['/x'])",
        "SELECT file // \n ('/x')",
        "INSERT INTO t FROM INFILE '/x' FORMAT CSV",
      })
  void whatReadsFilesIsSeen(String text) {
    byte[] bytes = bytes(text);
    assertThat(SqlText.readsFiles(bytes, bytes.length)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SELECT 'file(x)'", "SELECT profile(1), file_name, `files` FROM t -- file()"})
  void otherNamesAreNotFiles(String text) {
    byte[] bytes = bytes(text);
    assertThat(SqlText.readsFiles(bytes, bytes.length)).isFalse();
  }

  @Test
  void everyPrefixOfATextIsBearable() {
    byte[] bytes =
        bytes("INSERT INTO `a` (b, $h$x$h$, 'q\\'') /* c */ SETTINGS x='y' FORMAT CSV 1");
    for (int n = 0; n <= bytes.length; n++) {
      SqlText text = SqlText.of(bytes, n);
      assertThat(text.end()).isBetween(0, n);
      SqlText.readsFiles(bytes, n);
    }
  }
}
