package io.kymo.acceptance;

import static io.kymo.acceptance.TcpLine.port;
import static io.kymo.acceptance.TcpLine.since;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
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
@OnStack
class TcpTest {
  private static final String ON_LINE =
      "transport = 'tcp' AND remote_address IN ('"
          + LongLine.CLIENT
          + "', '"
          + LongLine.SERVER
          + "')";
  private static final Stack stack = Stack.get();
  private static TcpLine tcp;

  @BeforeAll
  static void start() {
    tcp = new TcpLine(stack);
  }

  @AfterAll
  static void end() {
    tcp.close();
  }

  /** Segments sent again: as many as the kernel counts in each namespace, over all connections. */
  @Test
  void figuresAgreeWithSsAndNstat() {
    long before = tcp.mark();
    long[] counted = {retransmitted(stack.lab.client), retransmitted(stack.lab.server)};
    long lostBefore = tcp.line.lost();
    tcp.line.set(20, 30, 10);
    for (int i = 0; i < 3; i++) {
      tcp.client.ok("bulk " + LongLine.SERVER + " 150000");
    }
    List<Ss> seen = Ss.of(stack.lab, stack.lab.client, TcpServer.BULK);
    tcp.client.ok("release");
    tcp.line.set(20, 0, 0);
    List<List<String>> rows = closed("client", TcpServer.BULK, before, 3);
    tcp.line.fine();

    assertThat(tcp.line.lost()).isGreaterThan(lostBefore);
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
    long before = tcp.mark();
    assertThat(tcp.client.ask("connect " + LongLine.SERVER + " " + TcpServer.CLOSED + " 0"))
        .contains("refused");
    assertThat(failed(TcpServer.CLOSED, before))
        .containsExactly(List.of("failed", "connection_refused", "111", "0"));
    assertThat(events(TcpServer.CLOSED, before, "connect_failed, reset_received"))
        .containsExactlyInAnyOrder(
            List.of("reset_received", "", "SYN_SENT"),
            List.of("connect_failed", "connection_refused", ""));
  }

  @Test
  void aBlackHoleInTheRoutesIsARow() {
    long before = tcp.mark();
    String[] route = {"ip", "route", "add", "blackhole", "192.0.2.1/32"};
    stack.lab.on(stack.lab.client, route).orFail();
    assertThat(tcp.client.ask("connect 192.0.2.1 " + TcpServer.BLACK_HOLE + " 0"))
        .startsWith("failed");
    route[2] = "del";
    stack.lab.on(stack.lab.client, route).orFail();
    assertThat(failed(TcpServer.BLACK_HOLE, before))
        .containsExactly(List.of("failed", "invalid_argument", "22", "0"));
  }

  /** The router's answer comes while connect is under way, and the client asks for it later. */
  @Test
  void aConnectThatARouterRefusesIsARow() {
    long before = tcp.mark();
    forwards(true);
    stack.lab.on(stack.lab.server, "ip", "route", "add", "unreachable", "192.0.2.2/32").orFail();
    stack
        .lab
        .on(stack.lab.client, "ip", "route", "add", "192.0.2.2/32", "via", Lab.SERVER4)
        .orFail();
    try {
      assertThat(tcp.client.ask("connect 192.0.2.2 " + TcpServer.BLACK_HOLE + " 5000"))
          .contains("No route to host");
    } finally {
      stack.lab.on(stack.lab.client, "ip", "route", "del", "192.0.2.2/32").orFail();
      stack.lab.on(stack.lab.server, "ip", "route", "del", "unreachable", "192.0.2.2/32").orFail();
      forwards(false);
    }
    assertThat(failed(TcpServer.BLACK_HOLE, before))
        .containsExactly(List.of("failed", "host_unreachable", "113", "0"));
  }

  private static void forwards(boolean on) {
    String file = "/proc/sys/net/ipv4/ip_forward";
    stack.lab.on(stack.lab.server, "sh", "-c", "echo " + (on ? 1 : 0) + " > " + file).orFail();
  }

  @Test
  void aConnectIntoNowhereIsARow() {
    long before = tcp.mark();
    long counted = retransmitted(stack.lab.client);
    tcp.line.cut();
    assertThat(tcp.client.ask("connect " + LongLine.SERVER + " " + TcpServer.QUIET + " 0"))
        .contains("timed out");
    long again = retransmitted(stack.lab.client) - counted;
    assertThat(tcp.client.ask("connect " + LongLine.SERVER + " " + TcpServer.QUIET + " 200"))
        .contains("failed");
    tcp.line.fine();
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
    assertThat(events(TcpServer.QUIET, before, "connect_failed, connect_failed, retransmit"))
        .contains(
            List.of("retransmit", "", "SYN_SENT"),
            List.of("connect_failed", "timed_out", ""),
            List.of("connect_failed", "connect_abandoned", ""));
  }

  @Test
  void resetsOfBothSides() throws IOException {
    boolean tells = Kernel.tracepointTells("tcp", "tcp_send_reset", "reason");
    String named = tells ? "1" : "0";
    long before = tcp.mark();
    tcp.client.ok("reset " + LongLine.SERVER + " " + TcpServer.RESETTING);
    tcp.client.ok("abort " + LongLine.SERVER + " " + TcpServer.QUIET);
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
            stack.await(
                "SELECT role, count(), countIf(match(reason, '^[A-Z][A-Z_0-9]+$')) FROM tcp_events WHERE event = 'reset_sent'"
                    + since(before)
                    + " GROUP BY role ORDER BY role",
                rows -> rows.size() == 2))
        .containsExactly(List.of("client", "1", named), List.of("server", "1", named));
  }

  @Test
  void connectionsThatCarryNothing() {
    long before = tcp.mark();
    for (int i = 0; i < 20; i++) {
      tcp.client.ok("connect " + LongLine.SERVER + " " + TcpServer.QUIET + " 0");
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
    long before = tcp.mark();
    tcp.line.narrow();
    tcp.client.ok("bulk " + LongLine.SERVER + " 200000");
    tcp.line.wide();
    tcp.client.ok("release");
    // what the client sends again meanwhile is dropped, too, as old data
    String events = "FROM tcp_events WHERE event = 'drop' AND local_port = " + TcpServer.BULK;
    assertThat(
            stack.await(
                "SELECT drops > 0, drops = (SELECT count() "
                    + events
                    + since(before)
                    + "), (SELECT countIf(reason LIKE 'QDISC%') > 0 "
                    + events
                    + since(before)
                    + ") FROM connections WHERE role = 'server' AND local_port = "
                    + TcpServer.BULK
                    + since(before),
                rows -> rows.size() == 1 && rows.get(0).get(1).equals("1")))
        .containsExactly(List.of(tells ? "1" : "0", "1", tells ? "1" : "0"));
  }

  /** Each connection's newest row, by role. */
  private static String latest(String columns, String where) {
    return "SELECT "
        + columns
        + " FROM (SELECT * FROM connections WHERE "
        + where
        + " ORDER BY time DESC LIMIT 1 BY node, connection_id) ORDER BY role";
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

  /**
   * @param wanted until these came, of which one line of retransmits is as good as several
   */
  private static List<List<String>> events(int port, long before, String wanted) {
    return stack.await(
        "SELECT event, reason, tcp_state FROM tcp_events WHERE " + port(port) + since(before),
        rows -> {
          List<String> kinds = new ArrayList<>(rows.stream().map(row -> row.get(0)).toList());
          return List.of(wanted.split(", ")).stream().allMatch(kinds::remove);
        });
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
