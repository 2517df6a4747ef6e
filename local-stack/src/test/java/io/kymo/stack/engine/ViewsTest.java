package io.kymo.stack.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The views over rows of both sides, around a minute's border. */
@Tag("engine")
class ViewsTest {
  private static final Path SCRIPTS = Path.of("../schemas/src/main/resources/clickhouse");
  private static final String ONE_SIDE = "0";
  private static final String BOTH_SIDES = "1";

  @TempDir static Path directory;
  private static EngineProcess engine;

  /** Rows are not old enough to be removed. */
  private static LocalDate day;

  @BeforeAll
  static void start() throws Exception {
    day = LocalDate.now(ZoneOffset.UTC).minusDays(3);
    engine = EngineProcess.start(directory);
    engine.sql("CREATE DATABASE kymo");
    try (Stream<Path> files = Files.list(SCRIPTS)) {
      for (Path file : files.sorted().toList()) {
        for (String statement :
            Files.readString(file).replaceAll("(?m)^--.*$", "").split(";\\s*(?:\\n|$)")) {
          if (!statement.isBlank()) {
            sql(statement);
          }
        }
      }
    }
  }

  @AfterAll
  static void stop() {
    if (engine != null) {
      engine.close();
    }
  }

  @BeforeEach
  void empty() throws Exception {
    sql("TRUNCATE TABLE requests");
  }

  @ParameterizedTest
  @CsvSource({
    "10:00:30.0, 10:00:30.1", // within a minute
    "10:00:59.9999, 10:01:00.0001",
    "10:01:00.0001, 10:00:59.9999", // the server's clock is behind
    "10:00:50.0, 10:01:10.0", // it waited in the server's queue
  })
  void sidesAreOneExchange(String client, String server) throws Exception {
    insert(1, "client", client);
    insert(1, "server", server);

    String minute = min(client, server).substring(0, 5);
    assertThat(blamed()).containsExactly(minute + "\t" + BOTH_SIDES);
    assertThat(lines("SELECT formatDateTime(time, '%H:%i'), client_ms, server_ms FROM exchanges"))
        .containsExactly(client.substring(0, 5) + "\t2\t1");
  }

  @Test
  void anIdThatComesAgainIsAnotherExchange() throws Exception {
    for (String time : List.of("10:00:59.9", "10:01:00.1", "10:05:00.0")) {
      insert(1, "client", time);
      insert(1, "server", time + "1");
    }

    assertThat(blamed())
        .containsExactly("10:00\t" + BOTH_SIDES, "10:01\t" + BOTH_SIDES, "10:05\t" + BOTH_SIDES);
    assertThat(lines("SELECT count() FROM exchanges WHERE time >= '" + day + " 10:05:00'"))
        .containsExactly("1");
  }

  @Test
  void oneSideAloneIsAnExchange() throws Exception {
    insert(1, "client", "10:00:59.9999");
    insert(2, "server", "10:01:00.0001");
    insert(3, "client", "10:00:59.9999");
    insert(3, "client", "10:01:00.0001");

    assertThat(blamed())
        .containsExactly(
            "10:00\t" + ONE_SIDE, "10:00\t" + ONE_SIDE, "10:01\t" + ONE_SIDE, "10:01\t" + ONE_SIDE);
    assertThat(lines("SELECT count() FROM exchanges")).containsExactly("0");
  }

  /** Which of two days' parts are read. */
  @ParameterizedTest
  @ValueSource(strings = {"network_blame", "exchange_sides", "red_1m", "service_map"})
  void filtersOnTheMinuteReachTheTable(String view) throws Exception {
    insert(1, "client", "10:00:59.9999");
    insert(1, "server", "10:01:00.0001");
    sql(
        "INSERT INTO requests (time, exchange_id, observed_at) VALUES ('"
            + day.plusDays(2)
            + " 10:00:00', 2, 'client')");

    List<String> plan =
        lines(
            "EXPLAIN indexes = 1 SELECT * FROM "
                + view
                + " WHERE minute >= '"
                + day.plusDays(2)
                + " 10:00:00'");
    boolean ofRequests = false;
    int reads = 0;
    for (String line : plan) {
      if (line.contains("ReadFromMergeTree")) {
        ofRequests = line.contains("kymo.requests");
      } else if (ofRequests && line.contains("Parts:")) {
        assertThat(line).as("%s", plan).doesNotContain("2/2");
        reads++;
      }
    }
    assertThat(reads).as("%s", plan).isPositive();
  }

  private static void insert(int id, String side, String time) throws Exception {
    sql(
        "INSERT INTO requests (time, duration_ns, protocol, observed_at, exchange_id, transport, status) VALUES ('%s %s', %d, 'http', '%s', %d, 'tcp', 'ok')"
            .formatted(day, time, side.equals("client") ? 2_000_000 : 1_000_000, side, id));
  }

  private static String min(String one, String other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Minutes of exchanges, and whether both sides are told. */
  private static List<String> blamed() throws Exception {
    return lines(
        "SELECT formatDateTime(minute, '%H:%i') AS at, client_ms > 0 AND server_ms > 0 AS both"
            + " FROM network_blame ORDER BY at, both");
  }

  private static List<String> lines(String query) throws Exception {
    return sql(query).lines().toList();
  }

  private static String sql(String statement) throws IOException, InterruptedException {
    HttpResponse<String> response = engine.post("database=kymo", statement);
    assertThat(response.statusCode()).as(statement + "\n" + response.body()).isEqualTo(200);
    return response.body();
  }
}
