package io.kymo.stack.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP interface as curl and drivers in other languages see it. */
@Tag("engine")
class HttpInterfaceTest {
  @TempDir static Path directory;

  private static EngineProcess engine;

  @BeforeAll
  static void start() throws Exception {
    engine = EngineProcess.start(directory);
  }

  @AfterAll
  static void stop() {
    if (engine != null) {
      engine.close();
    }
  }

  @Test
  void pathsAnswer() throws Exception {
    assertThat(engine.get("/ping").body()).isEqualTo("Ok.\n");
    assertThat(engine.get("/").body()).isEqualTo("Ok.\n");
    assertThat(engine.get("/health").body()).contains("\"up\"");
    assertThat(engine.get("/metrics").body()).contains("kymo_clickhouse_queries_total ");
    assertThat(engine.get("/play").statusCode()).isEqualTo(404);
  }

  @Test
  void theTextIsTheParameterAndTheBody() throws Exception {
    assertThat(engine.get("/?query=" + EngineProcess.encode("SELECT 1")).body()).isEqualTo("1\n");
    assertThat(engine.sql("SELECT 1 + 1 -- two")).isEqualTo("2\n");
    assertThat(engine.post("query=" + EngineProcess.encode("SELECT 3"), "FORMAT CSV").body())
        .isEqualTo("3\n");
    assertThat(engine.sql("SELECT version()")).startsWith("26.");
  }

  @Test
  void headersTellWhatTheAnswerIs() throws Exception {
    HttpResponse<String> answer =
        engine.post("query_id=mine", "SELECT number FROM numbers(3) FORMAT JSON");
    assertThat(header(answer, "X-ClickHouse-Query-Id")).isEqualTo("mine");
    assertThat(header(answer, "X-ClickHouse-Format")).isEqualTo("JSON");
    assertThat(header(answer, "Content-Type")).isEqualTo("application/json; charset=UTF-8");
    assertThat(header(answer, "X-ClickHouse-Timezone")).isNotEmpty();
    assertThat(header(answer, "X-ClickHouse-Server-Display-Name")).isNotEmpty();
    assertThat(header(answer, "X-ClickHouse-Summary"))
        .contains("\"read_rows\":\"3\"", "\"result_rows\":\"3\"");
    assertThat(engine.post("default_format=CSVWithNames", "SELECT 1 AS a").body())
        .isEqualTo("\"a\"\n1\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT * FROM nope|404|60|UNKNOWN_TABLE",
        "SELECT nope|404|47|UNKNOWN_IDENTIFIER",
        "SELECT 1 +|400|62|SYNTAX_ERROR",
        "SELEC 1|400|62|SYNTAX_ERROR",
        "SELECT 1; SELECT 2|400|62|Multi-statements",
        "SELECT 1 FORMAT Nope|404|73|UNKNOWN_FORMAT",
        "SELECT * FROM nodb.t|404|81|UNKNOWN_DATABASE",
        "SELECT throwIf(1)|500|395|FUNCTION_THROW_IF",
        "SELECT {x:UInt8}|500|456|UNKNOWN_QUERY_PARAMETER",
        "INSERT INTO nope FORMAT CSV 1|404|60|UNKNOWN_TABLE",
        "INSERT INTO typed FORMAT CSV x|400|117|INCORRECT_DATA",
        "SELECT 1 INTO OUTFILE 'x'|500|358|INTO_OUTFILE_NOT_ALLOWED",
      })
  void errorsHaveStatusCodeAndTheEnginesText(String sql, int status, int code, String text)
      throws Exception {
    engine.sql("CREATE TABLE IF NOT EXISTS typed (a UInt64) ENGINE = MergeTree ORDER BY a");
    HttpResponse<String> answer = engine.post("", sql);
    assertThat(answer.body()).contains("Code: " + code + ". DB::Exception: ", text, "(version 26.");
    assertThat(answer.body()).doesNotContain("/proc/self");
    assertThat(header(answer, "X-ClickHouse-Exception-Code")).isEqualTo(String.valueOf(code));
    assertThat(answer.statusCode()).isEqualTo(status);
  }

  @Test
  void anErrorBehindTheHeadersBreaksTheAnswer() throws Exception {
    String sql = "SELECT throwIf(number = 3000000) FROM numbers(4000000) FORMAT TSV";
    String request =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + sql.length() + "\r\n\r\n" + sql;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), engine.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).startsWith("HTTP/1.1 200");
      assertThat(answer).containsIgnoringCase("X-ClickHouse-Exception-Tag: ");
      assertThat(answer)
          .contains("__exception__", "Code: 395. DB::Exception")
          .doesNotEndWith("0\r\n\r\n");
    }
    HttpResponse<String> whole =
        engine.post(
            "wait_end_of_query=1", "SELECT throwIf(number = 3000000) FROM numbers(4000000)");
    assertThat(whole.statusCode()).isEqualTo(500);
    assertThat(whole.body()).startsWith("Code: 395.");
  }

  @Test
  void waitEndOfQueryHoldsLargeAnswersBack() throws Exception {
    HttpResponse<String> whole =
        engine.post("wait_end_of_query=1", "SELECT number FROM numbers(1000000)");
    assertThat(whole.body().lines().count()).isEqualTo(1_000_000);
    assertThat(header(whole, "X-ClickHouse-Summary")).contains("\"result_rows\":\"1000000\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE g (a Int8) ENGINE = Memory",
        "INSERT INTO g VALUES (1)",
        "DROP TABLE g"
      })
  void getOnlyReads(String sql) throws Exception {
    HttpResponse<String> answer = engine.get("/?query=" + EngineProcess.encode(sql));
    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(header(answer, "X-ClickHouse-Exception-Code")).isEqualTo("164");
  }

  @Test
  void settingsHoldForOneRequest() throws Exception {
    String ask = "SELECT getSetting('max_threads'), currentDatabase()";
    String usual = engine.sql(ask);
    assertThat(engine.post("max_threads=7&database=system", ask).body()).isEqualTo("7\tsystem\n");
    assertThat(engine.sql(ask)).isEqualTo(usual);
    HttpResponse<String> unknown = engine.post("no_such_setting=1", "SELECT 1");
    assertThat(header(unknown, "X-ClickHouse-Exception-Code")).isEqualTo("115");
    assertThat(header(engine.post("max_threads=abc", "SELECT 1"), "X-ClickHouse-Exception-Code"))
        .isEqualTo("27");
    assertThat(
            header(
                engine.post("max_result_rows=5", "SELECT 1 FROM numbers(9)"),
                "X-ClickHouse-Exception-Code"))
        .isEqualTo("396");
    assertThat(
            engine
                .post(
                    "output_format_json_quote_64bit_integers=1",
                    "SELECT toUInt64(5) AS a FORMAT JSONEachRow")
                .body())
        .isEqualTo("{\"a\":\"5\"}\n");
    assertThat(engine.post("database=nodb", "SELECT 1").statusCode()).isEqualTo(404);
    assertThat(engine.post("readonly=1", "DROP TABLE x").body()).contains("READONLY");
    String http = "buffer_size=100&send_progress_in_http_headers=1&enable_http_compression=1";
    assertThat(engine.post(http + "&async_insert=1&wait_for_async_insert=1", "SELECT 1").body())
        .isEqualTo("1\n");
  }

  @Test
  void parametersAreBound() throws Exception {
    String value = "it's \\ a;\n\ttab";
    String escaped = "it's \\\\ a;\\n\\ttab";
    HttpResponse<String> answer =
        engine.post(
            "param_s=" + EngineProcess.encode(escaped) + "&param_t=numbers&param_a=[1,2]",
            "SELECT {s:String}, {a:Array(UInt8)}[2] FORMAT RawBLOB");
    assertThat(answer.body()).isEqualTo(value + "\u0002");
    engine.sql("CREATE TABLE bound (a UInt8, b String) ENGINE = MergeTree ORDER BY a");
    engine.post("param_b=x%27y", "INSERT INTO bound VALUES (1, {b:String}), (2, 'z')");
    assertThat(engine.sql("SELECT b FROM bound ORDER BY a")).isEqualTo("x\\'y\nz\n");
  }

  @Test
  void sessionsKeepTheirState() throws Exception {
    String id = "session_id=s1";
    assertThat(engine.post(id + "&session_check=1", "SELECT 1").body())
        .contains("SESSION_NOT_FOUND");
    engine.post(id, "CREATE TEMPORARY TABLE temp (a UInt8)");
    engine.post(id, "INSERT INTO temp VALUES (1), (2)");
    engine.post(id, "SET max_threads = 3");
    engine.post(id, "USE system");
    String ask = "SELECT sum(a), getSetting('max_threads'), currentDatabase() FROM temp";
    assertThat(engine.post(id, ask).body()).isEqualTo("3\t3\tsystem\n");
    assertThat(engine.post(id + "&max_threads=5&database=default", ask).body())
        .isEqualTo("3\t5\tdefault\n");
    assertThat(engine.post(id + "&session_check=1", ask).body()).isEqualTo("3\t3\tsystem\n");
    assertThat(engine.post("", ask).body()).contains("UNKNOWN_TABLE");
    assertThat(engine.post("session_id=s2&session_timeout=4000", "SELECT 1").body())
        .contains("INVALID_SESSION_TIMEOUT");
    engine.post(id + "&close_session=1", "SELECT 1");
    assertThat(engine.post(id + "&session_check=1", ask).body()).contains("SESSION_NOT_FOUND");
  }

  @Test
  void sessionsExpireAndAreLocked() throws Exception {
    engine.post("session_id=short&session_timeout=0", "SELECT 1");
    String check = "session_id=short&session_check=1&session_timeout=0";
    engine
        .process()
        .await(() -> engine.post(check, "SELECT 1").body().contains("SESSION_NOT_FOUND"));
    ExecutorService threads = Executors.newSingleThreadExecutor();
    String slow = "SELECT sleepEachRow(0.5) FROM numbers(4) SETTINGS max_block_size = 1";
    Future<HttpResponse<String>> busy = threads.submit(() -> engine.post("session_id=busy", slow));
    engine.process().await(() -> running() == 1);
    assertThat(engine.post("session_id=busy", "SELECT 1").body()).contains("SESSION_IS_LOCKED");
    assertThat(busy.get().statusCode()).isEqualTo(200);
    threads.shutdown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "zstd", "lz4", "deflate", "gzip;q=0, zstd"})
  void answersAreCompressedAsAskedFor(String coding) throws Exception {
    String sql = "SELECT number FROM numbers(1000000)";
    HttpResponse<byte[]> answer =
        engine.post(
            "enable_http_compression=1",
            sql.getBytes(StandardCharsets.US_ASCII),
            BodyHandlers.ofByteArray(),
            "Accept-Encoding",
            coding);
    String used = header(answer, "Content-Encoding");
    assertThat(coding).endsWith(used);
    assertThat(answer.body().length).isLessThan(5_000_000);
    assertThat(new String(decode(used, answer.body()), StandardCharsets.US_ASCII))
        .startsWith("0\n1\n")
        .endsWith("999998\n999999\n");
  }

  private static byte[] decode(String coding, byte[] body) throws IOException {
    InputStream in = new ByteArrayInputStream(body);
    return switch (coding) {
      case "gzip" -> new GZIPInputStream(in).readAllBytes();
      case "zstd" -> new ZstdInputStream(in).readAllBytes();
      case "lz4" -> new LZ4FrameInputStream(in).readAllBytes();
      default -> new java.util.zip.InflaterInputStream(in).readAllBytes();
    };
  }

  @Test
  void compressedRequestsAndNativeBlocks() throws Exception {
    engine.sql("CREATE TABLE packed (a UInt64) ENGINE = MergeTree ORDER BY a");
    String insert = "query=" + EngineProcess.encode("INSERT INTO packed FORMAT RowBinary");
    ByteBuffer rows = ByteBuffer.allocate(800_000).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < 100_000; i++) {
      rows.putLong(i * 0x0a0a0a0aL);
    }
    ByteArrayOutputStream gzip = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(gzip)) {
      out.write(rows.array());
    }
    ByteArrayOutputStream blocks = new ByteArrayOutputStream();
    try (OutputStream out = NativeBlocks.compress(blocks)) {
      out.write(rows.array());
    }
    assertThat(
            engine
                .post(
                    insert, gzip.toByteArray(), BodyHandlers.ofString(), "Content-Encoding", "gzip")
                .statusCode())
        .isEqualTo(200);
    assertThat(
            engine
                .post(insert + "&decompress=1", blocks.toByteArray(), BodyHandlers.ofString())
                .statusCode())
        .isEqualTo(200);
    HttpResponse<byte[]> answer =
        engine.post(
            "compress=1",
            "SELECT count(), sum(a) FROM packed".getBytes(StandardCharsets.US_ASCII),
            BodyHandlers.ofByteArray());
    byte[] plain = NativeBlocks.decompress(new ByteArrayInputStream(answer.body())).readAllBytes();
    assertThat(new String(plain, StandardCharsets.US_ASCII))
        .isEqualTo("200000\t" + 2 * 0x0a0a0a0aL * (99_999L * 100_000 / 2) + "\n");
    byte[] broken = blocks.toByteArray();
    broken[30] ^= 1;
    assertThat(engine.post(insert + "&decompress=1", broken, BodyHandlers.ofString()).body())
        .contains("Checksum doesn't match");
    assertThat(engine.sql("SELECT count() FROM packed")).isEqualTo("200000\n");
  }

  /** The engine itself would take a blank line within inline data for its end. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void dataMayHoldAnyBytes(boolean textInBody) throws Exception {
    engine.sql(
        "CREATE OR REPLACE TABLE bytes (id UInt64, s String) ENGINE = MergeTree ORDER BY id");
    String insert = "INSERT INTO bytes FORMAT RowBinary\n";
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    byte[] string = "\n\n;'\\`--/* \0 VALUES FORMAT".getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 1000; i++) {
      data.writeBytes(ByteBuffer.allocate(8).putLong(0x0A0A0A0A0A0A0A0AL).array());
      data.write(string.length);
      data.writeBytes(string);
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(textInBody ? insert.getBytes(StandardCharsets.US_ASCII) : new byte[0]);
    body.writeBytes(data.toByteArray());
    String parameter = textInBody ? "" : "query=" + EngineProcess.encode(insert.strip());
    HttpResponse<String> answer =
        engine.post(parameter, body.toByteArray(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(header(answer, "X-ClickHouse-Summary")).contains("\"written_rows\":\"1000\"");
    assertThat(
            engine.sql(
                "SELECT count(), uniq(s), any(id) = 0x0A0A0A0A0A0A0A0A, any(length(s))"
                    + " FROM bytes"))
        .isEqualTo("1000\t1\t1\t" + string.length + "\n");
  }

  /** The server's heap is 64 MB; the answer is 890 MB. */
  @Test
  void largeResultsStream() throws Exception {
    HttpResponse<InputStream> answer =
        engine.post(
            "",
            "SELECT number FROM numbers(100000000)".getBytes(StandardCharsets.US_ASCII),
            BodyHandlers.ofInputStream());
    long bytes = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = answer.body()) {
      for (int n; (n = in.read(buffer)) > 0; ) {
        bytes += n;
      }
    }
    assertThat(bytes).isEqualTo(888_888_890);
  }

  @Test
  void largeInsertsStream() throws Exception {
    engine.sql("CREATE TABLE large (a UInt64) ENGINE = MergeTree ORDER BY a");
    byte[] rows = new byte[160_000_000];
    ByteBuffer buffer = ByteBuffer.wrap(rows).order(ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < rows.length / 8; i++) {
      buffer.putLong(i);
    }
    HttpResponse<String> answer =
        engine.post(
            "query=" + EngineProcess.encode("INSERT INTO large FORMAT RowBinary"),
            rows,
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(engine.sql("SELECT count(), uniqExact(a) FROM large"))
        .isEqualTo("20000000\t20000000\n");
  }

  @Test
  void statementsRunBesideEachOther() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(40);
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      int n = i;
      answers.add(
          threads.submit(() -> engine.sql("SELECT sum(number) + " + n + " FROM numbers(100000)")));
    }
    for (int i = 0; i < 400; i++) {
      assertThat(answers.get(i).get()).isEqualTo((4_999_950_000L + i) + "\n");
    }
    threads.shutdown();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT count() FROM numbers(1000000000000) WHERE rand() = 1",
        "SELECT number FROM numbers(1000000000000)",
        "CREATE TABLE gone ENGINE = Null AS SELECT number FROM numbers(1000000000000)",
      })
  void aClientThatHangsUpEndsItsStatement(String sql) throws Exception {
    String request =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + sql.length() + "\r\n\r\n" + sql;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), engine.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      engine.process().await(() -> running() == 1);
    }
    engine.process().await(() -> running() == 0);
  }

  private static int running() throws Exception {
    return Integer.parseInt(
        engine
            .sql("SELECT count() FROM system.processes WHERE query NOT LIKE '%system.processes%'")
            .strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM file('SECRET', 'LineAsString')",
        "SELECT file('SECRET')",
        "SELECT arrayMap(file, ['SECRET'])",
        "SELECT * FROM `SECRET`",
        "INSERT INTO denied VALUES (file('SECRET'))",
        "INSERT INTO denied FROM INFILE 'SECRET' FORMAT LineAsString",
        "INSERT INTO FUNCTION file('SECRET', 'CSV', 'a String') VALUES ('x')",
        "CREATE TABLE denied_too (a String) ENGINE = File(CSV, 'SECRET')",
        "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
        "SELECT * FROM remote('127.0.0.1', system.one)",
      })
  void nothingOutsideOfTheDatabasesIsReached(String sql) throws Exception {
    engine.sql("CREATE TABLE IF NOT EXISTS denied (a String) ENGINE = Memory");
    Path secret = directory.resolve("secret.txt");
    Files.writeString(secret, "hidden");
    HttpResponse<String> answer = engine.post("", sql.replace("SECRET", secret.toString()));
    assertThat(answer.body()).contains("ACCESS_DENIED");
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(secret).hasContent("hidden");
  }

  @Test
  void webPagesOfOtherSitesAreRefused() throws Exception {
    byte[] sql = "SELECT 1".getBytes(StandardCharsets.US_ASCII);
    assertThat(
            engine
                .post("", sql, BodyHandlers.ofString(), "Origin", "https://example.org")
                .statusCode())
        .isEqualTo(403);
    assertThat(
            engine.post("", sql, BodyHandlers.ofString(), "Origin", "http://localhost:3000").body())
        .isEqualTo("1\n");
  }

  @Test
  void usersAndPasswordsAreTaken() throws Exception {
    byte[] sql = "SELECT currentUser()".getBytes(StandardCharsets.US_ASCII);
    assertThat(engine.post("user=kymo&password=x", sql, BodyHandlers.ofString()).body())
        .isEqualTo("default\n");
    assertThat(
            engine
                .post(
                    "",
                    sql,
                    BodyHandlers.ofString(),
                    "X-ClickHouse-User",
                    "kymo",
                    "X-ClickHouse-Key",
                    "x")
                .body())
        .isEqualTo("default\n");
    assertThat(
            engine.post("", sql, BodyHandlers.ofString(), "Authorization", "Basic a3ltbzp4").body())
        .isEqualTo("default\n");
  }

  @Test
  void theServerListensOnLoopbackOnly() throws Exception {
    String port = String.format(":%04X ", engine.port());
    List<String> listening = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
        String[] fields = line.strip().split("\\s+", -1);
        if ((fields[1] + " ").endsWith(port) && fields[3].equals("0A")) {
          listening.add(fields[1].substring(0, fields[1].indexOf(':')));
        }
      }
    }
    assertThat(listening).hasSize(1).allMatch(a -> a.endsWith("0100007F"));
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }
}
