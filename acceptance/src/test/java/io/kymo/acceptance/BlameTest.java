package io.kymo.acceptance;

import static io.kymo.acceptance.TcpLine.port;
import static io.kymo.acceptance.TcpLine.since;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** View network_blame says whose the time was, over a line with delay and loss. */
@OnStack
class BlameTest {
  private static final Stack stack = Stack.get();
  private static TcpLine tcp;

  @BeforeAll
  static void start() {
    tcp = new TcpLine(stack);
    // a client or server that still loads its classes is slow itself
    tcp.client.ok("gets " + LongLine.SERVER + " /fast/first/ 20");
  }

  @AfterAll
  static void end() {
    tcp.close();
  }

  @Test
  void theNetworkIsBlamedForWhatItDid() {
    long before = tcp.mark();
    tcp.line.set(100, 0, 0);
    tcp.client.ok("get " + LongLine.SERVER + " /fast/far 0");
    tcp.line.set(1, 0, 0);
    tcp.client.ok("get " + LongLine.SERVER + " /sleep/near 0");
    tcp.line.set(1, 150, 0);
    tcp.client.ok("gets " + LongLine.SERVER + " /fast/lossy/ 25");
    tcp.line.set(1, 0, 0);
    tcp.client.ok("get " + LongLine.SERVER + " /large/unread 2500");
    tcp.client.ok("post " + LongLine.SERVER + " /late/unread 8000000");
    tcp.line.fine();
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
    long before = tcp.mark();
    tcp.client.ok("late " + LongLine.SERVER + " /queued/server");
    tcp.client.ok("get " + LongLine.SERVER + " /fast/queued/client 400");
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
    long before = tcp.mark();
    tcp.line.narrow();
    tcp.client.ok("get " + LongLine.SERVER + " /medium/narrow 0");
    tcp.line.wide();
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
    long before = tcp.mark();
    tcp.client.ok("open " + LongLine.SERVER);
    String[] route = {"ip", "route", "add", "blackhole", LongLine.CLIENT + "/32"};
    stack.lab.on(stack.lab.server, route).orFail();
    tcp.client.ok("give-up /fast/lost " + TcpServer.SLEEP_MS);
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

  /** A part of the answer comes: the client's waiting for the rest counts. */
  @Test
  void anAnswerThatStopsInTheMiddle() {
    long before = tcp.mark();
    tcp.client.ok("leave " + LongLine.SERVER + " /stalled " + TcpServer.SLEEP_MS);
    assertThat(blamed("/stalled", before, 1))
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("server");
              assertThat(row.get(1)).startsWith("the server stopped in the middle of the answer");
              assertThat(Double.parseDouble(row.get(2))).isGreaterThan(TcpServer.SLEEP_MS);
            });
    assertThat(
            stack.sql(
                "SELECT observed_at, status FROM slow_requests WHERE resource = '/stalled' AND duration_ms > "
                    + TcpServer.SLEEP_MS
                    + since(before)
                    + " ORDER BY observed_at"))
        .containsExactly(
            List.of("client", "connection_closed"), List.of("server", "connection_closed"));
  }

  @Test
  void whoResetsTheConnectionCutsTheAnswer() {
    long before = tcp.mark();
    tcp.client.ok("cut " + LongLine.SERVER + " /cut");
    tcp.client.ok("break-off " + LongLine.SERVER + " /large/left " + TcpServer.SLEEP_MS);
    assertThat(blamed("/cut", before, 1))
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("server");
              assertThat(row.get(1))
                  .isEqualTo("the server reset the connection in the middle of the answer");
              assertThat(Double.parseDouble(row.get(2))).isGreaterThan(TcpServer.SLEEP_MS);
            });
    assertThat(blamed("/large/left", before, 1))
        .allSatisfy(
            row -> {
              assertThat(row.get(0)).isEqualTo("client");
              assertThat(row.get(1))
                  .isEqualTo("the client reset the connection in the middle of the answer");
              assertThat(Double.parseDouble(row.get(2))).isGreaterThan(TcpServer.SLEEP_MS);
            });
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
}
