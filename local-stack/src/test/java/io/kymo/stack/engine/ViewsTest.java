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
    for (String table : List.of("requests", "connections", "tcp_events")) {
      sql("TRUNCATE TABLE " + table);
    }
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

  /** The server sends a part, and nothing more until long after the client has gone. */
  @Test
  void aServerThatStopsInTheMiddleOfItsAnswer() throws Exception {
    exchange("client", 1_000, 2_000, "connection_closed");
    exchange("server", 1_000.1, 9_000, "reset");
    event("client", 10_000, "reset_sent", 0);
    event("server", 10_000, "reset_received", 0);

    assertThat(verdict())
        .containsExactly(
            "server: the server stopped in the middle of the answer; the client gave up after 2000 ms",
            "2000\t0\t0\t0");
    assertThat(lines("SELECT round(duration_ms), status FROM slow_requests"))
        .containsExactly("9000\treset", "2000\tconnection_closed");
  }

  @ParameterizedTest
  @CsvSource({
    "reset, 200, reset, 199, reset_received, server: the server reset the connection in the middle of the answer",
    "connection_closed, 300, reset, 300, reset_sent, client: the client reset the connection in the middle of the answer",
    "connection_closed, 200, connection_closed, 199, '', server: the server closed the connection in the middle of the answer",
    "connection_closed, 200, timeout, 0, '', server: the server stopped in the middle of the answer; the client gave up after 200 ms",
    "connection_closed, 200, ok, 300, '', 'server: the server took 300 ms, the client gave up after 200 ms in the middle of the answer'",
    "connection_closed, 200, ok, 1, '', network: the rest of the answer did not reach the client",
  })
  void whoCutTheAnswer(
      String status, int ms, String serverStatus, int serverMs, String event, String expected)
      throws Exception {
    exchange("client", 1_000, ms, status);
    exchange("server", 1_000.1, serverMs, serverStatus);
    if (!event.isEmpty()) {
      event("client", 1_000.5 + ms, event, 0); // the end brings it about
      event("server", 1_002, "retransmit", 1);
    }

    assertThat(verdict().get(0)).isEqualTo(expected);
  }

  @Test
  void anAnswerThatIsNotReadToItsEnd() throws Exception {
    exchange("client", 1_000, 200, "connection_closed");
    exchange("server", 1_000.1, 1, "ok");
    connection("client", "opened, bytes_received", "'" + at(900) + "', 500");

    assertThat(verdict().get(0))
        .isEqualTo("client: the client did not read the rest of the answer");
  }

  /** TCP sends it again until the client gives up; what it sends later does not count. */
  @Test
  void lossesThatGoOnToTheEndOfAnAnswer() throws Exception {
    exchange("client", 1_000, 5_000, "connection_closed");
    exchange("server", 1_000.1, 30_000, "reset");
    for (int ms : List.of(1_600, 2_000, 2_800, 4_400, 7_600, 14_000)) {
      event("server", ms, "retransmit", 1);
    }

    assertThat(verdict())
        .containsExactly(
            "network: the rest of the answer did not come within 5000 ms: 4 segments sent again, 0 packets dropped on their host",
            "5000\t4400\t4\t0");
  }

  @Test
  void lossesThatWereOverLongBeforeTheServerStopped() throws Exception {
    exchange("client", 1_000, 5_000, "connection_closed");
    exchange("server", 1_000.1, 30_000, "reset");
    event("server", 1_300, "retransmit", 1);
    event("client", 6_005, "drop", 1); // the socket is gone

    assertThat(verdict())
        .containsExactly(
            "server: the server stopped in the middle of the answer; the client gave up after 5000 ms",
            "5000\t0\t1\t0");
  }

  @Test
  void oneSideAloneDoesNotKnowWhoCutTheAnswer() throws Exception {
    exchange("client", 1_000, 200, "connection_closed");

    assertThat(verdict().get(0))
        .isEqualTo("unknown: the connection ended in the middle of the answer, after 200 ms");
  }

  /** The server's time may be longer than the client's: its answer was whole before. */
  @Test
  void theNetworkHasNoMoreThanTheWhole() throws Exception {
    exchange("client", 1_000, 2, "ok");
    exchange("server", 1_000.1, 50, "ok");
    event("server", 1_001, "retransmit", 1);

    assertThat(verdict())
        .containsExactly(
            "network: 1 segments sent again, 0 packets dropped on their host; 2 of 2 ms",
            "2\t2\t1\t0");
  }

  /** A large answer within one host waits for its processes, not for the way. */
  @ParameterizedTest
  @CsvSource({"127.0.0.1, server", "10.0.0.2, network"})
  void onlyWhatIsOnTheWayIsTheNetworks(String server, String expected) throws Exception {
    String columns = ", response_bytes, client_address, server_address";
    String values = ", 100000, '127.0.0.1', '" + server + "'";
    exchange("client", 1_000, 1.66, "ok", columns, values);
    exchange("server", 1_001, 0.4, "ok", columns, values);
    connection("client", "rtt_ns, rtt_variance_ns, rtt_min_ns", "20000, 10000, 20000");

    assertThat(verdict().get(0)).startsWith(expected + ": ");
  }

  /** One of the two rows of an exchange on connection 1 of node "client" or "server". */
  private static void exchange(String side, double startMs, double ms, String status)
      throws Exception {
    exchange(side, startMs, ms, status, "", "");
  }

  private static void exchange(
      String side, double startMs, double ms, String status, String columns, String values)
      throws Exception {
    sql(
        "INSERT INTO requests (time, duration_ns, protocol, observed_at, exchange_id, transport, status, connection_id, client_node, server_node, ttfb_ns%s) VALUES ('%s', %d, 'http', '%s', 1, 'tcp', '%s', 1, 'client', 'server', 300000%s)"
            .formatted(columns, at(startMs), (long) (ms * 1e6), side, status, values));
  }

  private static void event(String node, double ms, String event, int segments) throws Exception {
    sql(
        "INSERT INTO tcp_events (time, node, connection_id, event, segments) VALUES ('%s', '%s', 1, '%s', %d)"
            .formatted(at(ms), node, event, segments));
  }

  /** The last row of a connection. */
  private static void connection(String node, String columns, String values) throws Exception {
    sql(
        "INSERT INTO connections (time, node, connection_id, transport, role, state, %s) VALUES ('%s', '%s', 1, 'tcp', '%s', 'closed', %s)"
            .formatted(columns, at(60_000), node, node, values));
  }

  private static String at(double ms) {
    long micros = Math.round(ms * 1e3);
    return "%s 10:%02d:%02d.%06d"
        .formatted(day, micros / 60_000_000, micros / 1_000_000 % 60, micros % 1_000_000);
  }

  /** Of the only exchange: the verdict with its reason; then times and counts. */
  private static List<String> verdict() throws Exception {
    return List.of(
        lines("SELECT concat(verdict, ': ', reason) FROM network_blame").get(0),
        lines(
                "SELECT round(duration_ms), round(network_ms), retransmits, resets FROM network_blame")
            .get(0));
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
