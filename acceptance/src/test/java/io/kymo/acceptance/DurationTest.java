package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * How long a request took, by the server's own clock, lies within the duration of the server's row,
 * and that within the duration of the client's: for each request, paired with its rows.
 */
@OnStack
class DurationTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int QUICK = 40;
  // of a request that is slow on purpose: what scheduling adds on a machine that is busy
  private static final long MOST_RATIO = 4;
  private static final long SLOW_NS = 250_000_000;
  private static final Stack stack = Stack.get();

  @Test
  void nginx() {
    try (Nginx nginx = new Nginx(stack.lab, 18100)) {
      stack.lab.onClient("curl", "-s", "-o", "/dev/null", nginx.url("/users/[1-" + QUICK + "]"));
      stack.lab.onClient("curl", "-s", "-o", "/dev/null", nginx.url("/slow"));
      Map<String, Long> took =
          nginx.accessLog().stream()
              .collect(
                  Collectors.toMap(
                      line -> line.get(1),
                      line -> Math.round(Double.parseDouble(line.get(3)) * 1e9)));
      // it reads its clock, of ms steps, once for each round of its event loop
      agrees(took, "attributes['url.path']", nginx.rows(), 2_000_000);
    }
  }

  @Test
  void postgres() throws IOException {
    try (Postgres server = new Postgres(stack.lab, 15441)) {
      Path script = numbered("postgres.sql", "SELECT count(*) AS q%d FROM pg_class;");
      Files.writeString(
          script, Files.readString(script) + "SELECT pg_sleep(0.3) AS q" + QUICK + ";");
      server.psql("-q", "-f", script.toString()).orFail();
      agrees(server.durations(), "extract(statement, ' AS (q\\\\d+)')", server.rows(), 1_000);
    }
  }

  @Test
  void mariadb() throws IOException {
    try (MariaDb server = new MariaDb(stack.lab, 13310)) {
      Path script =
          numbered("mariadb.sql", "SELECT COUNT(*) AS q%d FROM information_schema.tables;");
      Files.writeString(script, Files.readString(script) + "SELECT SLEEP(0.3) AS q" + QUICK + ";");
      server.client("-e", "source " + script).orFail();
      agrees(server.durations(), "extract(statement, ' AS (q\\\\d+)')", server.rows(), 1_000);
    }
  }

  @Test
  void redis() throws IOException {
    try (Redis redis = new Redis(stack.lab, 16390)) {
      Path script = numbered("commands.txt", "SET key%d value");
      Files.writeString(script, Files.readString(script) + "DEBUG SLEEP 0.3\n");
      stack.lab.onClient(
          "bash", "-c", "redis-cli -h " + Lab.SERVER4 + " -p " + redis.port + " < " + script);
      Map<String, Long> took = new TreeMap<>();
      List<JsonNode> log = new ArrayList<>();
      JSON.readTree(redis.slowLog()).forEach(log::add);
      Collections.reverse(log);
      for (JsonNode entry : log) {
        if (entry.get(4).asText().startsWith(Lab.CLIENT4)) {
          took.put(
              entry.get(3).get(0).asText().toUpperCase(Locale.ROOT) + " " + took.size(),
              entry.get(2).asLong() * 1_000);
        }
      }
      agrees(
          took,
          "concat(splitByChar(' ', upper(operation))[1], ' ', toString(row_number() OVER (ORDER BY time) - 1))",
          "server_port = 16390",
          1_000);
    }
  }

  /** A script of {@link #QUICK} lines, each with its number in it. */
  private static Path numbered(String file, String line) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < QUICK; i++) {
      lines.add(String.format(line, i));
    }
    return Files.write(stack.lab.work.resolve(file), lines);
  }

  /**
   * Compares each request.
   *
   * @param took what the server says that it needed, ns, by key
   * @param key SQL for the same key
   * @param where the rows, of both sides
   * @param stepNs how far apart what the server's clock can show is
   */
  private static void agrees(Map<String, Long> took, String key, String where, long stepNs) {
    assertThat(took).hasSizeGreaterThan(QUICK);
    assertThat(took.values()).anyMatch(ns -> ns > SLOW_NS);
    Map<String, Long> server = durations(key, "observed_at = 'server' AND " + where, took);
    Map<String, Long> client = durations(key, "observed_at = 'client' AND " + where, took);
    took.forEach(
        (request, ownNs) -> {
          assertThat(server.get(request))
              .as("%s at the server, ns", request)
              .isPositive()
              .isGreaterThanOrEqualTo(ownNs - stepNs);
          assertThat(client.get(request))
              .as("%s at the client, ns", request)
              .isGreaterThanOrEqualTo(server.get(request));
          if (ownNs > SLOW_NS) {
            assertThat(client.get(request))
                .as("%s, slow, at the client, ns", request)
                .isLessThan(MOST_RATIO * ownNs);
          }
        });
  }

  private static Map<String, Long> durations(String key, String where, Map<String, Long> took) {
    stack.awaitCount(where, took.size());
    Map<String, Long> durations =
        stack.sql("SELECT " + key + " AS k, duration_ns FROM requests WHERE " + where).stream()
            .filter(row -> !row.get(0).isEmpty())
            .collect(Collectors.toMap(r -> r.get(0), r -> Long.parseLong(r.get(1))));
    assertThat(durations.keySet()).as(where).isEqualTo(took.keySet());
    return durations;
  }
}
