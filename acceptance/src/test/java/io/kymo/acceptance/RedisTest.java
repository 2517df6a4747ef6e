package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Redis under redis-benchmark and redis-cli: rows equal the server's commandstats. */
@OnStack
class RedisTest {
  private static final Stack stack = Stack.get();

  @ParameterizedTest
  @CsvSource({"1,16379,20000", "16,16380,100000"})
  void benchmark(int pipeline, int port, int requests) {
    try (Redis redis = new Redis(stack.lab, port)) {
      stack.lab.onClient(
          "redis-benchmark",
          "-h",
          Lab.SERVER4,
          "-p",
          "" + port,
          "-c",
          "50",
          "-P",
          "" + pipeline,
          "-n",
          "" + requests,
          "-t",
          "set,get,lpush,lrange_100",
          "-q");
      Map<String, Long> stats = redis.commandStats();
      for (String side : List.of("server", "client")) {
        equalsStats(stats, side, "server_port = " + port);
      }
    }
  }

  @Test
  void overIpv6AndUnixSocket() {
    try (Redis redis = new Redis(stack.lab, 16381)) {
      stack.lab.onClient(
          "redis-benchmark",
          "-h",
          Lab.SERVER6,
          "-p",
          "16381",
          "-c",
          "5",
          "-n",
          "2000",
          "-t",
          "set,get",
          "-q");
      Map<String, Long> before = redis.commandStats();
      equalsStats(before, "server", "server_port = 16381");
      equalsStats(before, "client", "server_port = 16381");
      stack.lab.onClient(
          "redis-benchmark", "-s", redis.socket(), "-c", "5", "-n", "2000", "-t", "set,get", "-q");
      Map<String, Long> after = redis.commandStats();
      Map<String, Long> expected =
          Map.of(
              "set",
              after.get("set") - before.get("set"),
              "get",
              after.get("get") - before.get("get"));
      for (String side : List.of("server", "client")) {
        equalsStats(
            expected,
            side,
            "server_address = '" + redis.socket() + "' AND operation IN ('SET', 'GET')");
      }
    }
  }

  @Test
  void errorsTransactionsAndSecrets() {
    try (Redis redis = new Redis(stack.lab, 16382)) {
      String[] commands = {
        "set k planted-secret-value",
        "incr k",
        "lpush k x",
        "multi",
        "set a 1",
        "incr a",
        "exec",
        "hset h f planted-secret-field",
        "hgetall h",
        "eval \"return redis.call('set', KEYS[1], 'planted-secret-script')\" 1 e planted-secret-argument",
        "publish news planted-secret-news",
        "acl setuser app on >planted-secret-acl",
        "config set masterauth planted-secret-config",
        "hello 2 auth app planted-secret-hello",
        "nonsense planted-secret-nonsense",
        "auth planted-secret-password"
      };
      stack.lab.onClient(
          "bash",
          "-c",
          "printf '%s\\n' "
              + quoted(commands)
              + " | redis-cli -h "
              + Lab.SERVER4
              + " -p "
              + redis.port);
      String rows = "observed_at = 'server' AND server_port = " + redis.port;
      // redis-cli itself asks for COMMAND DOCS first
      assertThat(stack.awaitCount(rows, commands.length + 1L)).isEqualTo(commands.length + 1L);
      assertThat(
              stack.sql(
                  "SELECT operation, error_type FROM requests WHERE "
                      + rows
                      + " AND status = 'client_error' ORDER BY time"))
          .extracting(r -> r.get(0).toUpperCase(Locale.ROOT))
          .containsExactly("INCR", "LPUSH", "HELLO", "_OTHER", "AUTH");
      Secrets.stayInSegments(
          stack,
          "planted-secret-value",
          "planted-secret-field",
          "planted-secret-script",
          "planted-secret-argument",
          "planted-secret-news",
          "planted-secret-acl",
          "planted-secret-config",
          "planted-secret-hello",
          "planted-secret-nonsense",
          "planted-secret-password");
    }
  }

  private static String quoted(String[] commands) {
    StringBuilder line = new StringBuilder();
    for (String command : commands) {
      line.append('\'').append(command.replace("'", "'\\''")).append("' ");
    }
    return line.toString();
  }

  private static void equalsStats(Map<String, Long> stats, String side, String where) {
    Map<String, Long> expected = new TreeMap<>();
    // redis-cli asked these over the socket, outside of what is looked at here
    stats.forEach(
        (command, calls) -> {
          if (!command.startsWith("info") && !command.startsWith("config|resetstat")) {
            expected.put(command.replace('|', ' ').toUpperCase(Locale.ROOT), calls);
          }
        });
    String rows = "observed_at = '" + side + "' AND " + where;
    long total = expected.values().stream().mapToLong(Long::longValue).sum();
    assertThat(stack.awaitCount(rows, total)).as("%s %s", side, where).isEqualTo(total);
    Map<String, Long> seen = new TreeMap<>();
    stack
        .sql("SELECT operation, count() FROM requests WHERE " + rows + " GROUP BY operation")
        .forEach(r -> seen.put(r.get(0), Long.parseLong(r.get(1))));
    assertThat(seen).as("%s %s", side, where).isEqualTo(expected);
  }
}
