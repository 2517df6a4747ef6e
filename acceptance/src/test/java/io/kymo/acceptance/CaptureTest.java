package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * One workload seen twice at once: by the kernel's system calls and by tcpdump on the server's
 * interface. What {@code kymo decode} makes of the capture, what {@code kymo replay} makes of it,
 * and what was seen live agree, exchange by exchange.
 */
@OnStack
class CaptureTest {
  private static final int HTTP = 15480;
  private static final int REDIS = 15479;
  private static final int POSTGRES = 15435;
  private static final int DNS = 15453;
  private static final List<String> COMPARED =
      List.of(
          "exchange_id",
          "protocol",
          "operation",
          "resource",
          "statement",
          "status",
          "status_code",
          "error_type",
          "request_bytes",
          "response_bytes",
          "client_address",
          "client_port",
          "server_address",
          "server_port");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Stack stack = Stack.get();

  @Test
  void decodeAndReplayAgreeWithWhatWasSeenLive() throws IOException {
    Path capture = stack.lab.work.resolve("lab-capture.pcap");
    Process tcpdump =
        stack.lab.startOnServer(
            "tcpdump", "tcpdump", "-i", "ks", "-s", "0", "-U", "-Z", "root", "-w", "" + capture);
    try {
      Await.that(
          "tcpdump listens",
          () -> stack.lab.work.resolve("lab-capture.pcap").toFile().length() >= 24);
      workload();
      Stack.pause(1_000); // tcpdump's ring is read in turns
    } finally {
      Shell.end(tcpdump);
    }

    Path rows = stack.lab.work.resolve("decoded.json");
    Path summary = stack.lab.work.resolve("decoded.txt");
    String kymo = System.getProperty("kymo.root") + "/kymo";
    Shell.run("sh", "-c", kymo + " decode " + capture + " >" + rows + " 2>" + summary).orFail();
    TreeSet<String> decoded = new TreeSet<>();
    for (String line : Files.readAllLines(rows)) {
      decoded.add(cells(JSON.readTree(line)));
    }
    assertThat(decoded).as(Files.readString(summary)).hasSizeGreaterThan(1_000);
    assertThat(decoded).hasSameSizeAs(Files.readAllLines(rows)); // one row an exchange
    assertThat(Files.readString(summary)).containsPattern("captured=(\\d+) = .* gaps=0 ");
    for (String protocol : List.of("http", "redis", "postgresql", "dns")) {
      assertThat(Files.readString(summary)).contains(" " + protocol + "=");
    }

    String ports = "server_port IN (%d, %d, %d, %d)".formatted(HTTP, REDIS, POSTGRES, DNS);
    String live = "observed_at = 'server' AND server_address != '127.0.0.1' AND " + ports;
    stack.awaitCount(live, decoded.size());
    agree(rows(live), decoded);

    stack.kymo("replay", capture.toString()).orFail();
    String replayed = "server_node = 'lab-capture.pcap'";
    stack.awaitCount(replayed, decoded.size());
    agree(rows(replayed), decoded);

    Shell.Result twice = stack.kymo("replay", capture.toString());
    assertThat(twice.exit()).as(twice.output()).isEqualTo(2);
    assertThat(twice.output()).contains("was replayed as node lab-capture.pcap at ", "--again");

    stack.kymo("replay", "--node", "again", capture.toString(), capture.toString()).orFail();
    stack.awaitCount("server_node = 'again'", 2L * decoded.size());
    assertThat(stack.count("server_node = 'again'")).isEqualTo(2L * decoded.size());
    assertThat(stack.count(replayed)).isEqualTo(decoded.size());
  }

  private static void agree(Set<String> rows, Set<String> decoded) {
    TreeSet<String> more = new TreeSet<>(rows);
    more.removeAll(decoded);
    TreeSet<String> fewer = new TreeSet<>(decoded);
    fewer.removeAll(rows);
    assertThat(more).as("rows that were not decoded").isEmpty();
    assertThat(fewer).as("decoded, but no rows").isEmpty();
  }

  /** A UDP server's socket is bound to any address: only packets show which one was meant. */
  private static Set<String> rows(String where) {
    String columns =
        String.join(", ", COMPARED)
            .replace(
                "server_address",
                "if(server_address = '0.0.0.0', '" + Lab.SERVER4 + "', server_address)");
    return stack.sql("SELECT " + columns + " FROM requests WHERE " + where).stream()
        .map(cells -> String.join(" | ", cells))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String cells(JsonNode row) {
    List<String> cells = new ArrayList<>();
    for (String column : COMPARED) {
      // as TabSeparated escapes
      cells.add(
          row.get(column).asText().replace("\\", "\\\\").replace("\n", "\\n").replace("'", "\\'"));
    }
    return String.join(" | ", cells);
  }

  private static void workload() {
    try (Nginx nginx = new Nginx(stack.lab, HTTP);
        Redis redis = new Redis(stack.lab, REDIS);
        Postgres postgres = new Postgres(stack.lab, POSTGRES)) {
      for (int i = 0; i < 20; i++) {
        stack.lab.onClient("curl", "-s", nginx.url("/users/" + i), nginx.url("/missing"));
        stack.lab.onClient("curl", "-s", "-d", "x".repeat(3_000), nginx.url6("/orders?id=" + i));
      }
      String[] benchmark = {
        "redis-benchmark",
        "-h",
        Lab.SERVER4,
        "-p",
        "" + REDIS,
        "-c",
        "5",
        "-n",
        "500",
        "-q",
        "-t",
        "set,get,lpush,lrange_100"
      };
      stack.lab.onClient(benchmark);
      postgres.pgbench("-i", "-s", "1", "-q", "-I", "dtg").orFail();
      postgres.pgbench("-M", "prepared", "-c", "2", "-j", "1", "-t", "30", "-n").orFail();
      assertThat(redis.commandStats()).isNotEmpty();
      dns();
    }
  }

  private static void dns() {
    Process server =
        stack.lab.startOnServer(
            "dnsmasq-capture",
            "dnsmasq",
            "--no-daemon",
            "--no-resolv",
            "--no-hosts",
            "--port=" + DNS,
            "--user=root",
            "--pid-file=" + stack.lab.work.resolve("dnsmasq-capture.pid"),
            "--address=/known.test/10.9.8.7");
    try {
      Await.that("dnsmasq answers", () -> dig("ready.known.test", "A").exit() == 0);
      for (int i = 0; i < 20; i++) {
        dig("n" + i + ".known.test", i % 2 == 0 ? "A" : "MX").orFail();
        dig("n" + i + ".known.test", "+tcp").orFail();
      }
    } finally {
      Shell.end(server);
    }
  }

  private static Shell.Result dig(String name, String option) {
    return stack.lab.on(stack.lab.client, "dig", "@" + Lab.SERVER4, "-p", "" + DNS, name, option);
  }
}
