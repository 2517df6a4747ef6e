package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Connections that were there before, collectors that come back, processors that die: what is lost
 * is known, and nothing is doubled.
 */
@OnStack
class ResilienceTest {
  private static final Stack stack = Stack.get();

  /**
   * A client that sends {@code GET /users/N} one after the other over one connection, N counting
   * up, until its file of the same name vanishes.
   */
  private static Process patientClient(Path go, Nginx nginx, int pauseMs) throws IOException {
    Files.createFile(go);
    Path script = stack.lab.work.resolve(go.getFileName() + ".sh");
    Files.writeString(
        script,
        String.join(
            "\n",
            "exec 3<>/dev/tcp/" + Lab.SERVER4 + "/" + nginx.port,
            "n=0",
            "while [ -e " + go + " ] && [ $n -lt 20000 ]; do",
            "  n=$((n + 1))",
            "  printf 'GET /users/%d HTTP/1.1\\r\\nHost: k\\r\\n\\r\\n' $n >&3",
            "  length=0",
            "  while IFS= read -r line <&3; do",
            "    line=${line%$'\\r'}",
            "    [ -z \"$line\" ] && break",
            "    case $line in Content-Length:*) length=${line#*: } ;; esac",
            "  done",
            "  read -r -N \"$length\" body <&3",
            pauseMs > 0 ? "  sleep " + pauseMs / 1000.0 : "  :",
            "done"));
    return stack.lab.startOnClient("patient-" + nginx.port, "bash", script.toString());
  }

  @Test
  void connectionsThatWereOpenBeforeAndACollectorThatComesBack() throws IOException {
    try (Nginx nginx = new Nginx(stack.lab, 18090)) {
      Path go = stack.lab.work.resolve("go-collector");
      Process client = patientClient(go, nginx, 5);
      try {
        stack.awaitCount(nginx.rows("server"), 50);
        stack.kill("collector");
        Stack.pause(1_500);
        long unseenFrom = nginx.loggedSoFar();
        stack.up();
        long unseenTo = nginx.loggedSoFar();
        assertThat(unseenTo).isGreaterThan(unseenFrom);
        // the same connection, which is older than this collector, goes on with rows
        long before = stack.count(nginx.rows("server"));
        long after = stack.awaitCount(nginx.rows("server"), before + 100);
        assertThat(after).isGreaterThanOrEqualTo(before + 100);
        Files.delete(go);
        client.waitFor();
        long log = nginx.accessLog().size();
        long rows = stack.awaitCount(nginx.rows("server") + " AND status = 'ok'", log);
        // only what passed while no collector looked is missing
        assertThat(log - rows).isPositive().isLessThanOrEqualTo(unseenTo - unseenFrom + 200);
        assertThat(
                stack.sql(
                    "SELECT attributes['url.path'], count() FROM requests WHERE "
                        + nginx.rows("server")
                        + " AND status = 'ok' GROUP BY 1 HAVING count() > 1"))
            .as("doubled")
            .isEmpty();
        // the hole is known, to its size: it stands in the connection's gap bytes
        List<List<String>> gaps =
            stack.await(
                "SELECT max(gap_bytes) FROM connections WHERE (local_port = 18090 OR remote_port = 18090) AND state != 'open'",
                r -> !r.get(0).get(0).equals("0"));
        assertThat(Long.parseLong(gaps.get(0).get(0))).isPositive();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        Files.deleteIfExists(go);
        Shell.end(client);
      }
    }
  }

  /**
   * The user's remedy is {@code ./kymo up}: it starts what is missing and leaves the rest alone.
   */
  @Test
  void brokerRegistryAndClickHouseKilledUnderLoad() throws IOException, InterruptedException {
    try (Nginx nginx = new Nginx(stack.lab, 18092)) {
      Path stop = stack.lab.work.resolve("stop-outage");
      Process load = nginx.steadyLoad(200, 300, stop);
      try {
        stack.awaitCount(nginx.rows("server"), 100);
        outage("clickhouse", 0, nginx);
        outage("registry", 2_000, nginx);
        outage("broker", 10_000, nginx);
        Files.createFile(stop);
        load.waitFor();
        long log = nginx.accessLog().size();
        for (String side : List.of("server", "client")) {
          assertThat(stack.awaitCount(nginx.rows(side), log)).as(side).isEqualTo(log);
          assertThat(
                  stack.sql(
                      "SELECT uniqExact(attributes['url.path']), countIf(status != 'ok') FROM requests WHERE "
                          + nginx.rows(side)))
              .as("requests, and those not ok, " + side)
              .containsExactly(List.of("" + log, "0"));
        }
        assertThat(stack.endpoint("collector", "metrics").lines())
            .as("the collector waited and dropped nothing")
            .noneMatch(line -> line.matches("kymo_lost_.*_total [1-9].*"));
      } finally {
        Shell.end(load);
      }
    }
    Accounting.holds(stack);
  }

  private static void outage(String process, long ms, Nginx nginx) {
    Map<String, Long> before = pids();
    stack.kill(process);
    Stack.pause(ms);
    stack.up();
    Map<String, Long> after = pids();
    assertThat(after.remove(process)).isNotEqualTo(before.remove(process));
    assertThat(after).as("pids of the others").isEqualTo(before);
    long rows = stack.count(nginx.rows("server"));
    assertThat(stack.awaitCount(nginx.rows("server"), rows + 200))
        .as("rows after " + process + " came back")
        .isGreaterThanOrEqualTo(rows + 200);
  }

  private static Map<String, Long> pids() {
    Map<String, Long> pids = new TreeMap<>();
    stack
        .state()
        .get("processes")
        .fieldNames()
        .forEachRemaining(process -> pids.put(process, stack.pid(process)));
    return pids;
  }

  @Test
  void collectorKilledUnderLoad() throws IOException, InterruptedException {
    try (Nginx nginx = new Nginx(stack.lab, 18093)) {
      Path stop = stack.lab.work.resolve("stop-away");
      Process load = nginx.steadyLoad(200, 300, stop);
      try {
        stack.awaitCount(nginx.rows("server"), 400);
        double killed = System.currentTimeMillis() / 1e3;
        stack.kill("collector");
        Stack.pause(1_000);
        stack.up();
        double back = System.currentTimeMillis() / 1e3;
        long rows = stack.count(nginx.rows("server"));
        stack.awaitCount(nginx.rows("server"), rows + 400);
        Files.createFile(stop);
        load.waitFor();
        Map<String, List<String>> missing =
            nginx.accessLog().stream().collect(Collectors.toMap(line -> line.get(1), line -> line));
        long logged = missing.size();
        settledRows(nginx);
        Set<String> seen = new TreeSet<>();
        for (List<String> row :
            stack.sql(
                "SELECT attributes['url.path'], count() FROM requests WHERE "
                    + nginx.rows("server")
                    + " GROUP BY 1")) {
          assertThat(row.get(1)).as("rows of " + row.get(0)).isEqualTo("1");
          assertThat(missing.remove(row.get(0))).as("logged " + row.get(0)).isNotNull();
          seen.add(row.get(0));
        }
        assertThat(missing).isNotEmpty();
        assertThat(seen).hasSize((int) logged - missing.size());
        // what the dead collector still held went with it: some batches of tens of ms
        assertThat(missing.values())
            .allSatisfy(
                line -> assertThat(Double.parseDouble(line.get(7))).isBetween(killed - 1, back));
        long lost = missing.values().stream().mapToLong(ResilienceTest::bytes).sum();
        long gaps =
            Long.parseLong(
                stack
                    .await(
                        "SELECT sum(gap), min(ended) FROM (SELECT max(gap_bytes) AS gap, max(state != 'open') AS ended FROM connections WHERE local_port = 18093 AND egress_bytes > 0 GROUP BY connection_id)",
                        r -> r.get(0).get(1).equals("1"))
                    .get(0)
                    .get(0));
        // at each of the 20 connections' edges of the hole an exchange may be there by half
        assertThat(gaps).isBetween(lost, lost + 20 * 2 * lost / missing.size());
      } finally {
        Shell.end(load);
      }
    }
  }

  private static long bytes(List<String> logged) {
    return Long.parseLong(logged.get(5)) + Long.parseLong(logged.get(6));
  }

  /** Waits until no more rows come. */
  private static void settledRows(Nginx nginx) {
    long before = -1;
    for (long rows = 0; rows != before; ) {
      before = rows;
      Stack.pause(2_000);
      rows = stack.count(nginx.rows());
    }
  }

  @Test
  void streamProcessorKilledTenTimesUnderLoad() {
    try (Nginx nginx = new Nginx(stack.lab, 18091)) {
      Random random = new Random(20261121);
      Path stop = stack.lab.work.resolve("stop-load");
      Process load = nginx.steadyLoad(400, 300, stop);
      try {
        for (int i = 0; i < 10; i++) {
          Stack.pause(500 + random.nextInt(2_000));
          stack.kill("stream-processor");
          stack.up();
        }
        Files.createFile(stop);
        load.waitFor();
        List<List<String>> log = nginx.accessLog();
        for (String side : List.of("server")) {
          assertThat(stack.awaitCount(nginx.rows(side), log.size()))
              .as("%s after ten kills", side)
              .isEqualTo(log.size());
        }
        assertThat(
                stack.sql(
                    "SELECT exchange_id, observed_at, count() FROM requests WHERE server_port = 18091 GROUP BY 1, 2 HAVING count() > 1 LIMIT 5"))
            .as("doubled")
            .isEmpty();
        assertThat(
                stack.sql(
                    "SELECT kafka_partition, kafka_offset, count() FROM requests GROUP BY 1, 2 HAVING count() > 1 LIMIT 5"))
            .as("doubled offsets")
            .isEmpty();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        Shell.end(load);
      }
    }
  }
}
