package io.kymo.acceptance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.acceptance.Stack;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each kernel with each driver: the rows are what the servers logged, nothing is lost, and all
 * drivers tell the same exchanges.
 */
class KernelMatrixTest {
  private static final MatrixPage PAGE = new MatrixPage();
  private static Stack stack;

  @BeforeAll
  static void runAll() throws IOException, InterruptedException {
    stack = Stack.get();
    GuestRuns.start(stack);
  }

  @AfterAll
  static void write() throws IOException {
    PAGE.write();
  }

  static Stream<Arguments> cells() {
    return Kernel.SERIES.stream()
        .flatMap(
            series ->
                GuestRun.DRIVERS.keySet().stream()
                    .sorted()
                    .map(driver -> Arguments.of(series, driver)));
  }

  @ParameterizedTest(name = "Linux {0} with {1}")
  @MethodSource("cells")
  void sameExchanges(String series, String driver)
      throws IOException, InterruptedException, ExecutionException {
    PAGE.failed(series, driver);
    GuestRun run = GuestRuns.of(series);
    PAGE.release(series, run.kernel.release());
    Map<String, Long> asked = ServerLogs.asked(run);
    long total = asked.values().stream().mapToLong(Long::longValue).sum();
    assertThat(total).isGreaterThan(1_000);
    for (String side : List.of("server", "client")) {
      String rows = rows(run, driver, side);
      assertThat(stack.reach(rows, total))
          .as("%s of %s; its log: %s", side, run.node(driver), run.log(driver + ".log"))
          .isEqualTo(total);
      assertThat(tally(rows)).as(side).isEqualTo(asked);
      assertThat(exchanges(rows))
          .as("told by %s as by the first driver", driver)
          .isEqualTo(exchanges(rows(run, new TreeSet<>(GuestRun.DRIVERS.keySet()).first(), side)));
    }
    String tls = new GuestTls(stack, run, driver).holds();
    assertThat(run.log(driver + ".exit")).as("exit code after SIGTERM").containsExactly("143");
    Map<String, Long> counters = counters(run, driver);
    assertThat(counters.get("kernel_events")).isGreaterThan(2 * total);
    assertThat(counters)
        .allSatisfy(
            (name, value) -> {
              // an interrupt may free a packet while a program looks at another one that is freed
              if (name.equals("kernel_lost_nested")) {
                assertThat(value).as(name).isLessThan(total / 10);
              } else if (name.contains("lost")
                  || name.contains("fault")
                  || name.contains("unreadable")) {
                assertThat(value).as(name).isZero();
              }
            });
    PAGE.passed(series, driver, total, tls, counters.get("kernel_events"));
  }

  private static String rows(GuestRun run, String driver, String side) throws IOException {
    return "observed_at = '"
        + side
        + "' AND "
        + side
        + "_node = '"
        + run.node(driver)
        + "' AND time > toDateTime64('"
        + run.log("begin").get(0)
        + "', 9) AND operation != 'INFO' AND NOT tls AND protocol != 'tls'";
  }

  private static Map<String, Long> tally(String rows) {
    return stack
        .sql(
            "SELECT "
                + ServerLogs.SQL
                + " AS line, count() FROM requests WHERE "
                + rows
                + " GROUP BY 1")
        .stream()
        .collect(
            Collectors.toMap(
                r -> r.get(0), r -> Long.parseLong(r.get(1)), Long::sum, TreeMap::new));
  }

  /** One line an exchange, in order of its id. */
  private static List<List<String>> exchanges(String rows) {
    return stack.sql(
        "SELECT exchange_id, "
            + ServerLogs.SQL
            + " AS line, status, request_bytes, response_bytes, transport, client_address, client_port, server_address FROM requests WHERE "
            + rows
            + " ORDER BY exchange_id, line, request_bytes, response_bytes");
  }

  /** The collector's own page of counters, by their ids. */
  private static Map<String, Long> counters(GuestRun run, String driver) throws IOException {
    Map<String, Long> counters = new TreeMap<>();
    for (String line : run.log(driver + ".metrics")) {
      if (!line.startsWith("#") && !line.isBlank()) {
        String[] words = line.split(" ");
        String name = words[0].replaceAll("^kymo_|_total$|\\{.*", "");
        counters.merge(name, (long) Double.parseDouble(words[1]), Long::sum);
      }
    }
    return counters;
  }
}
