package io.kymo.acceptance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.acceptance.Stack;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the network does to TCP connections, on each kernel with each driver: lost segments, resets,
 * drops and failed connects are the same rows with all drivers, and segments sent again are as many
 * as the kernel counts.
 */
class KernelTcpTest {
  private static final String FIRST = "ebpf-ring";
  private static Stack stack;

  @BeforeAll
  static void runAll() throws IOException, InterruptedException {
    stack = Stack.get();
    GuestRuns.start(stack);
  }

  static Stream<Arguments> cells() {
    return KernelMatrixTest.cells();
  }

  @ParameterizedTest(name = "Linux {0} with {1}")
  @MethodSource("cells")
  void asTheKernelCounts(String series, String driver)
      throws IOException, InterruptedException, ExecutionException {
    GuestRun run = GuestRuns.of(series);
    for (String side : List.of("client", "server")) {
      long counted = counted(run, side, "end") - counted(run, side, "begin");
      assertThat(counted).as("segments that the %s sent again", side).isPositive();
      String sum =
          "SELECT toInt64(sum(retransmits)) FROM (SELECT * FROM connections WHERE transport = 'tcp' AND role = '"
              + side
              + "'"
              + of(run, driver)
              + " ORDER BY time DESC LIMIT 1 BY connection_id)";
      assertThat(stack.await(sum, rows -> number(rows) == counted))
          .as("segments sent again by the %s", side)
          .isEqualTo(List.of(List.of(String.valueOf(counted))));
    }
  }

  @ParameterizedTest(name = "Linux {0} with {1}")
  @MethodSource("cells")
  void sameEvents(String series, String driver)
      throws IOException, InterruptedException, ExecutionException {
    GuestRun run = GuestRuns.of(series);
    List<List<String>> rows =
        stack.await(
            eventsOf(run, driver),
            found -> !found.isEmpty() && found.equals(stack.sql(eventsOf(run, FIRST))));
    List<List<String>> first = stack.sql(eventsOf(run, FIRST));
    assertThat(rows).isEqualTo(first);
    assertThat(first.stream().map(row -> row.get(0) + " " + row.get(1)).distinct())
        .as("%s", first)
        .contains(
            "retransmit client",
            "retransmit server",
            "reset_sent client",
            "reset_received client",
            "reset_received server",
            "connect_failed client");
    // kfree_skb has a reason from 5.17
    assertThat(first)
        .filteredOn(row -> row.get(0).equals("drop") && row.get(2).startsWith("QDISC"))
        .hasSizeBetween(series.equals("5.10") ? 0 : 1, series.equals("5.10") ? 0 : 9);
    // tcp_send_reset has a reason from 6.10
    boolean named = !series.equals("5.10") && !series.equals("6.1");
    assertThat(first)
        .filteredOn(row -> row.get(0).equals("reset_sent"))
        .isNotEmpty()
        .allMatch(row -> row.get(2).matches(named ? "[A-Z][A-Z_0-9]+" : ""));
  }

  @ParameterizedTest(name = "Linux {0} with {1}")
  @MethodSource("cells")
  void connectsThatFail(String series, String driver)
      throws IOException, InterruptedException, ExecutionException {
    GuestRun run = GuestRuns.of(series);
    String failed =
        "SELECT remote_address, state, error_type, error, retransmits > 0 FROM connections WHERE remote_port = 81"
            + of(run, driver)
            + " ORDER BY remote_address";
    assertThat(stack.await(failed, rows -> rows.size() == 2))
        .containsExactly(
            List.of("10.77.0.2", "failed", "connection_refused", "111", "0"),
            List.of("10.77.0.9", "failed", "timed_out", "110", "1"));
  }

  /**
   * Zero windows are what a look once a second sees, so they may differ; and so may when the first
   * report tells of SYN-ACKs sent again, be it a look or an event.
   */
  private static String eventsOf(GuestRun run, String driver) {
    return "SELECT event, role, reason, if(event = 'retransmit', '', tcp_state) AS state, sum(greatest(segments, 1)) FROM tcp_events WHERE event NOT LIKE 'zero%'"
        + of(run, driver)
        + " GROUP BY ALL ORDER BY ALL";
  }

  private static String of(GuestRun run, String driver) {
    return " AND node = '"
        + run.node(driver)
        + "' AND time > toDateTime64('"
        + run.begin()
        + "', 9)";
  }

  private static long counted(GuestRun run, String side, String moment) throws IOException {
    return Long.parseLong(run.log("retransmits." + side + "." + moment).get(0));
  }

  private static long number(List<List<String>> rows) {
    return Long.parseLong(rows.get(0).get(0));
  }
}
