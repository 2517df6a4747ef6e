package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the network does to connections, over a line with delay and loss: rows agree with ss, nstat,
 * and what was done.
 */
class TcpTest {
  private static final String ON_LINE =
      "transport = 'tcp' AND remote_address IN ('"
          + LongLine.CLIENT
          + "', '"
          + LongLine.SERVER
          + "')";
  private static Stack stack;
  private static LongLine line;
  private static Talk server;
  private static Talk client;

  @BeforeAll
  static void start() {
    stack = Stack.get();
    line = new LongLine(stack.lab);
    stack
        .lab
        .on(stack.lab.client, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries")
        .orFail();
    server = Talk.java(stack.lab, stack.lab.server, TcpServer.class);
    client = Talk.java(stack.lab, stack.lab.client, TcpClient.class);
  }

  @AfterAll
  static void end() {
    client.close();
    server.close();
    line.close();
    Accounting.holds(stack);
  }

  /** Segments sent again: as many as the kernel counts in each namespace, over all connections. */
  @Test
  void figuresAgreeWithSsAndNstat() {
    long before = mark();
    long[] counted = {retransmitted(stack.lab.client), retransmitted(stack.lab.server)};
    long lostBefore = line.lost();
    line.set(20, 30, 10);
    for (int i = 0; i < 3; i++) {
      client.ok("bulk " + LongLine.SERVER + " 150000");
    }
    List<Ss> seen = Ss.of(stack.lab, stack.lab.client, TcpServer.BULK);
    client.ok("release");
    line.set(20, 0, 0);
    List<List<String>> rows = closed("client", TcpServer.BULK, before, 3);
    line.fine();

    assertThat(line.lost()).isGreaterThan(lostBefore);
    assertThat(seen).hasSize(3);
    for (Ss ss : seen) {
      List<String> row =
          rows.stream().filter(r -> number(r.get(0)) == ss.localPort()).findFirst().orElseThrow();
      assertThat(number(row.get(1)) / 1e6)
          .as("rtt ms, %s", ss)
          .isCloseTo(ss.rttMs(), within(ss.rttMs() / 2));
      assertThat(number(row.get(2)) / 1e6)
          .as("rtt min")
          .isCloseTo(ss.rttMinMs(), within(ss.rttMinMs() / 10));
      assertThat(number(row.get(3))).as("retransmits").isGreaterThanOrEqualTo(ss.retransmits());
      assertThat(number(row.get(4)))
          .as("bytes acked")
          .isBetween(ss.bytesAcked(), ss.bytesAcked() + 1);
      assertThat(number(row.get(5)) - ss.bytesReceived())
          .as("bytes received; a FIN counts")
          .isBetween(0L, 1L);
      assertThat(ss.bytesReceived()).isEqualTo(150_000);
    }
    closed("server", TcpServer.BULK, before, 3);
    for (String end : List.of(LongLine.CLIENT, LongLine.SERVER)) { // events come a moment later
      Await.that(
          "all retransmits of " + end,
          () -> sumOfEvents(end, before) >= sum("retransmits", end, before));
    }
    assertThat(sum("retransmits", LongLine.CLIENT, before))
        .isEqualTo(retransmitted(stack.lab.client) - counted[0])
        .isEqualTo(sumOfEvents(LongLine.CLIENT, before));
    assertThat(sum("retransmits", LongLine.SERVER, before))
        .isEqualTo(retransmitted(stack.lab.server) - counted[1])
        .isEqualTo(sumOfEvents(LongLine.SERVER, before))
        .isPositive();
    assertThat(
            stack.sql(
                "SELECT countIf(connect_ns < 20000000), countIf(segments_out_of_order > 0) FROM connections WHERE role = 'client' AND "
                    + ON_LINE
                    + since(before)))
        .isEqualTo(List.of(List.of("0", "3")));
  }

  @Test
  void aRefusedConnectIsARow() {
    long before = mark();
    assertThat(client.ask("connect " + LongLine.SERVER + " " + TcpServer.CLOSED + " 0"))
        .contains("refused");
    assertThat(failed(TcpServer.CLOSED, before))
        .containsExactly(List.of("failed", "connection_refused", "111", "0"));
    assertThat(events(TcpServer.CLOSED, before))
        .containsExactlyInAnyOrder(
            List.of("reset_received", "", "SYN_SENT"),
            List.of("connect_failed", "connection_refused", ""));
  }

  @Test
  void aBlackHoleInTheRoutesIsARow() {
    long before = mark();
    String[] route = {"ip", "route", "add", "blackhole", "192.0.2.1/32"};
    stack.lab.on(stack.lab.client, route).orFail();
    assertThat(client.ask("connect 192.0.2.1 " + TcpServer.BLACK_HOLE + " 0")).startsWith("failed");
    route[2] = "del";
    stack.lab.on(stack.lab.client, route).orFail();
    assertThat(failed(TcpServer.BLACK_HOLE, before))
        .containsExactly(List.of("failed", "invalid_argument", "22", "0"));
  }

  @Test
  void aConnectIntoNowhereIsARow() {
    long before = mark();
    long counted = retransmitted(stack.lab.client);
    line.cut();
    assertThat(client.ask("connect " + LongLine.SERVER + " " + TcpServer.QUIET + " 0"))
        .contains("timed out");
    long again = retransmitted(stack.lab.client) - counted;
    assertThat(client.ask("connect " + LongLine.SERVER + " " + TcpServer.QUIET + " 200"))
        .contains("failed");
    line.fine();
    assertThat(again).isPositive();
    assertThat(
            stack.await(
                "SELECT state, error_type, error, retransmits FROM connections WHERE remote_port = "
                    + TcpServer.QUIET
                    + since(before)
                    + " ORDER BY time",
                rows -> rows.size() == 2))
        .containsExactly(
            List.of("failed", "timed_out", "110", String.valueOf(again)),
            List.of("failed", "connect_abandoned", "0", "0"));
    assertThat(events(TcpServer.QUIET, before))
        .contains(
            List.of("retransmit", "", "SYN_SENT"),
            List.of("connect_failed", "timed_out", ""),
            List.of("connect_failed", "connect_abandoned", ""));
  }

  @Test
  void resetsOfBothSides() throws IOException {
    boolean tells = Kernel.tracepointTells("tcp", "tcp_send_reset", "reason");
    String named = tells ? "1" : "0";
    long before = mark();
    client.ok("reset " + LongLine.SERVER + " " + TcpServer.RESETTING);
    client.ok("abort " + LongLine.SERVER + " " + TcpServer.QUIET);
    String figures = "role, state, error_type, resets_sent, resets_received";
    assertThat(
            stack.await(
                latest(figures, port(TcpServer.RESETTING) + since(before)),
                rows -> rows.size() == 2))
        .containsExactly(
            List.of("client", "reset", "connection_reset", "0", "1"),
            List.of("server", "closed", "", "1", "0"));
    assertThat(
            stack.await(
                latest(figures, port(TcpServer.QUIET) + since(before)), rows -> rows.size() == 2))
        .containsExactly(
            List.of("client", "closed", "", "1", "0"),
            List.of("server", "reset", "connection_reset", "0", "1"));
    assertThat(
            stack.sql(
                "SELECT role, count(), countIf(match(reason, '^[A-Z][A-Z_0-9]+$')) FROM tcp_events WHERE event = 'reset_sent'"
                    + since(before)
                    + " GROUP BY role ORDER BY role"))
        .containsExactly(List.of("client", "1", named), List.of("server", "1", named));
  }

  @Test
  void connectionsThatCarryNothing() {
    long before = mark();
    for (int i = 0; i < 20; i++) {
      client.ok("connect " + LongLine.SERVER + " " + TcpServer.QUIET + " 0");
    }
    for (String role : List.of("client", "server")) {
      assertThat(
              stack.await(
                  "SELECT count(), uniq(connection_id), min(duration_ns) > 0, sum(ingress_bytes + egress_bytes), countIf(state = 'closed'), min(segments_sent) > 0 FROM connections WHERE role = '"
                      + role
                      + "' AND "
                      + port(TcpServer.QUIET)
                      + since(before),
                  rows -> rows.get(0).get(0).equals("20")))
          .as(role)
          .containsExactly(List.of("20", "20", "1", "0", "20", "1"));
    }
  }

  @Test
  void packetsDroppedOnTheirHost() throws IOException {
    boolean tells = Kernel.tracepointTells("skb", "kfree_skb", "reason");
    long before = mark();
    line.narrow();
    client.ok("bulk " + LongLine.SERVER + " 200000");
    line.wide();
    client.ok("release");
    assertThat(
            stack.await(
                "SELECT drops > 0, drops = (SELECT count() FROM tcp_events WHERE event = 'drop' AND reason LIKE 'QDISC%' AND local_port = "
                    + TcpServer.BULK
                    + since(before)
                    + ") FROM connections WHERE role = 'server' AND local_port = "
                    + TcpServer.BULK
                    + since(before),
                rows -> rows.size() == 1))
        .containsExactly(List.of(tells ? "1" : "0", "1"));
  }

  @Test
  void theNetworkIsBlamedForWhatItDid() {
    withinOneMinute(35);
    long before = mark();
    line.set(100, 0, 0);
    client.ok("get " + LongLine.SERVER + " /fast/far 0");
    line.set(1, 0, 0);
    client.ok("get " + LongLine.SERVER + " /sleep/near 0");
    line.set(1, 150, 0);
    client.ok("gets " + LongLine.SERVER + " /fast/lossy/ 25");
    line.set(1, 0, 0);
    client.ok("get " + LongLine.SERVER + " /large/unread 2500");
    client.ok("post " + LongLine.SERVER + " /late/unread 8000000");
    line.fine();
    assertThat(blamed("/fast/far", before, 1))
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("network");
              assertThat(row.get(1)).startsWith("round trip time 2");
            });
    assertThat(blamed("/sleep/near", before, 1))
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("server");
              assertThat(row.get(1)).startsWith("the server took ");
              assertThat(Double.parseDouble(row.get(2))).isGreaterThan(TcpServer.SLEEP_MS);
            });
    assertThat(blamed("/fast/lossy/", before, 25)).hasSize(25);
    assertThat(
            stack.await(
                blame("/fast/lossy/", before) + " AND duration_ms > 100 AND retransmits > 0",
                rows -> !rows.isEmpty()))
        .isNotEmpty()
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("network");
              assertThat(row.get(1)).contains("sent again");
            });
    assertThat(blamed("/large/unread", before, 1))
        .extracting(row -> row.get(0) + ": " + row.get(1))
        .containsExactly("client: the client did not read");
    assertThat(blamed("/late/unread", before, 1))
        .extracting(row -> row.get(0) + ": " + row.get(1))
        .containsExactly("server: the server did not read");
    assertThat(
            stack.sql(
                "SELECT role, max(zero_windows_received) > 0, max(zero_windows_sent) > 0, max(receiver_limited_ns) > 1e9 FROM connections WHERE "
                    + port(TcpServer.HTTP)
                    + since(before)
                    + " GROUP BY role ORDER BY role"))
        .containsExactly(List.of("client", "1", "1", "1"), List.of("server", "1", "1", "1"));
    assertThat(
            stack.sql(
                "SELECT count(), countIf(c.connection_id != 0) FROM (SELECT *, if(observed_at = 'client', client_node, server_node) AS node FROM requests WHERE server_port = "
                    + TcpServer.HTTP
                    + since(before)
                    + ") AS r LEFT ANY JOIN connections AS c ON r.node = c.node AND r.connection_id = c.connection_id"))
        .containsExactly(List.of("58", "58"));
  }

  /** Bytes that wait in a socket for their reader are not on the way. */
  @Test
  void whoDoesNotReadIsBlamedForIt() {
    withinOneMinute(25);
    long before = mark();
    client.ok("late " + LongLine.SERVER + " /queued/server");
    client.ok("get " + LongLine.SERVER + " /fast/queued/client 400");
    assertThat(blamed("/queued/server", before, 1))
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("server");
              assertThat(row.get(1)).matches("waited .* ms in the server.*s queue .*");
            });
    assertThat(blamed("/fast/queued/client", before, 1))
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("client");
              assertThat(row.get(1)).matches("waited .* ms in the client.*s queue .*");
            });
  }

  /** The server blocks in send, because its packets are dropped. */
  @Test
  void lossesCountAlsoWhileTheServerSends() {
    withinOneMinute(25);
    long before = mark();
    line.narrow();
    client.ok("get " + LongLine.SERVER + " /medium/narrow 0");
    line.wide();
    assertThat(
            stack.await(
                blame("/medium/narrow", before) + " AND retransmits > 0", rows -> !rows.isEmpty()))
        .hasSize(1)
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("network");
              assertThat(row.get(1)).contains("sent again");
            });
  }

  /** The request arrives, its answer does not: the client's waiting is what counts. */
  @Test
  void anAnswerThatIsLost() {
    withinOneMinute(25);
    long before = mark();
    client.ok("open " + LongLine.SERVER);
    String[] route = {"ip", "route", "add", "blackhole", LongLine.CLIENT + "/32"};
    stack.lab.on(stack.lab.server, route).orFail();
    client.ok("give-up /fast/lost " + TcpServer.SLEEP_MS);
    route[2] = "del";
    stack.lab.on(stack.lab.server, route).orFail();
    List<List<String>> rows =
        stack.await(
            "SELECT verdict, duration_ms > "
                + TcpServer.SLEEP_MS
                + " AS waited, server_ms > 0, client_ms FROM network_blame WHERE resource = '/fast/lost' AND waited"
                + since(before),
            found -> found.size() == 1 && found.get(0).get(0).equals("network"));
    assertThat(rows).containsExactly(List.of("network", "1", "1", "0"));
  }

  /** Each connection's newest row, by role. */
  private static String latest(String columns, String where) {
    return "SELECT "
        + columns
        + " FROM (SELECT * FROM connections WHERE "
        + where
        + " ORDER BY time DESC LIMIT 1 BY node, connection_id) ORDER BY role";
  }

  /** Rows of the view, with both sides seen. */
  private static List<List<String>> blamed(String path, long before, int wanted) {
    return stack.await(blame(path, before), rows -> rows.size() == wanted);
  }

  private static String blame(String path, long before) {
    return "SELECT verdict, reason, duration_ms, retransmits FROM network_blame WHERE startsWith(resource, '"
        + path
        + "') AND client_ms > 0 AND server_ms > 0 AND rtt_ms > 0"
        + since(before);
  }

  /** The view brings the sides of an exchange together when they began in the same minute. */
  private static void withinOneMinute(int seconds) {
    long left = 60 - System.currentTimeMillis() / 1_000 % 60;
    if (left < seconds) {
      Stack.pause(left * 1_000);
    }
  }

  private static long mark() {
    return number(stack.sql("SELECT toUnixTimestamp64Nano(now64(9))").get(0).get(0));
  }

  private static String since(long nanos) {
    return " AND time >= fromUnixTimestamp64Nano(" + nanos + ")";
  }

  private static String port(int port) {
    return "(local_port = " + port + " OR remote_port = " + port + ")";
  }

  private static List<List<String>> closed(String role, int port, long before, int wanted) {
    return stack.await(
        "SELECT if(role = 'client', local_port, remote_port), rtt_ns, rtt_min_ns, retransmits, bytes_acked, bytes_received FROM connections WHERE state = 'closed' AND role = '"
            + role
            + "' AND "
            + port(port)
            + since(before),
        rows -> rows.size() == wanted);
  }

  private static List<List<String>> failed(int port, long before) {
    return stack.await(
        "SELECT state, error_type, error, retransmits FROM connections WHERE remote_port = "
            + port
            + since(before),
        rows -> !rows.isEmpty());
  }

  private static List<List<String>> events(int port, long before) {
    return stack.await(
        "SELECT event, reason, tcp_state FROM tcp_events WHERE " + port(port) + since(before),
        rows -> rows.size() >= 2);
  }

  private static long sum(String column, String local, long before) {
    return number(
        stack
            .sql(
                "SELECT sum("
                    + column
                    + ") FROM connections WHERE local_address = '"
                    + local
                    + "'"
                    + since(before))
            .get(0)
            .get(0));
  }

  private static long sumOfEvents(String local, long before) {
    return number(
        stack
            .sql(
                "SELECT sum(segments) FROM tcp_events WHERE event = 'retransmit' AND local_address = '"
                    + local
                    + "'"
                    + since(before))
            .get(0)
            .get(0));
  }

  private static long number(String text) {
    return Long.parseLong(text);
  }

  /** TcpRetransSegs of a namespace, as nstat reads it. */
  private static long retransmitted(String namespace) {
    String out = stack.lab.on(namespace, "nstat", "-asz", "TcpRetransSegs").orFail().output();
    Matcher figure = Pattern.compile("TcpRetransSegs\\s+(\\d+)").matcher(out);
    assertThat(figure.find()).as(out).isTrue();
    return number(figure.group(1));
  }
}
