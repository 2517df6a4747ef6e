package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Connections that were there before, collectors that come back, processors that die: what is lost
 * is known, and nothing is doubled.
 */
class ResilienceTest {
  private static Stack stack;

  @BeforeAll
  static void start() {
    stack = Stack.get();
  }

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
