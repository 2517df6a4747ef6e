package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * dnsmasq under dig and dnsperf, over UDP and TCP, IPv4 and IPv6: rows equal its log of queries.
 */
@OnStack
class DnsTest {
  private static final int PORT = 15353;
  private static final Pattern QUERY = Pattern.compile(".* query\\[(\\w+)] (\\S+) from .*");
  private static final Stack stack = Stack.get();

  @Test
  void equalsQueryLog() throws IOException {
    Path dir = stack.lab.directory("dnsmasq");
    Path log = dir.resolve("queries.log");
    Process server =
        stack.lab.startOnServer(
            "dnsmasq",
            "dnsmasq",
            "--no-daemon",
            "--no-resolv",
            "--no-hosts",
            "--port=" + PORT,
            "--user=root",
            "--log-queries",
            "--log-facility=" + log,
            "--pid-file=" + dir.resolve("pid"),
            "--local=/test/",
            "--address=/known.test/10.9.8.7",
            "--address=/known.test/fd00::7",
            "--txt-record=text.test,some text",
            "--cname=alias.test,known.test");
    try {
      Await.that("dnsmasq answers", () -> dig("+short", "ready.test").exit() == 0);
      for (String type : List.of("A", "AAAA", "TXT", "MX")) {
        dig("known.test", type).orFail();
        dig("text.test", type).orFail();
        dig("missing.test", type).orFail();
        dig("+tcp", "known.test", type).orFail();
        stack
            .lab
            .on(stack.lab.client, "dig", "@" + Lab.SERVER6, "-p", "" + PORT, "known.test", type)
            .orFail();
      }
      Path names = stack.lab.work.resolve("names.txt");
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        lines.add("host" + i + ".known.test A");
      }
      Files.write(names, lines);
      stack.lab.onClient(
          "dnsperf",
          "-s",
          Lab.SERVER4,
          "-p",
          "" + PORT,
          "-d",
          names.toString(),
          "-n",
          "4",
          "-c",
          "2",
          "-q",
          "50");
      Map<String, Long> expected =
          Files.readAllLines(Await.settled(log)).stream()
              .map(QUERY::matcher)
              .filter(Matcher::matches)
              .map(m -> m.group(1) + " " + m.group(2))
              .collect(Collectors.groupingBy(q -> q, Collectors.counting()));
      long total = expected.values().stream().mapToLong(Long::longValue).sum();
      assertThat(total).isGreaterThan(2_000);
      for (String side : List.of("server", "client")) {
        String rows = "protocol = 'dns' AND observed_at = '" + side + "' AND server_port = " + PORT;
        assertThat(stack.awaitCount(rows, total)).as(side).isEqualTo(total);
        Map<String, Long> seen =
            stack
                .sql(
                    "SELECT concat(operation, ' ', resource), count() FROM requests WHERE "
                        + rows
                        + " GROUP BY 1")
                .stream()
                .collect(Collectors.toMap(r -> r.get(0), r -> Long.parseLong(r.get(1))));
        assertThat(seen).as(side).isEqualTo(expected);
      }
      assertThat(
              stack.count(
                  "protocol = 'dns' AND observed_at = 'client' AND status_code = 'NXDOMAIN' AND server_port = "
                      + PORT))
          .isPositive();
    } finally {
      Shell.end(server);
    }
  }

  private static Shell.Result dig(String... arguments) {
    List<String> line =
        new ArrayList<>(List.of("dig", "@" + Lab.SERVER4, "-p", "" + PORT, "+tries=1"));
    line.addAll(List.of(arguments));
    return stack.lab.on(stack.lab.client, line.toArray(String[]::new));
  }
}
