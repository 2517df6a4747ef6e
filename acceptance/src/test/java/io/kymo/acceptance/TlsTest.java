package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests inside TLS: rows equal the servers' logs, on both sides, tied to each other. */
class TlsTest {
  private static Stack stack;
  private static Certificate certificate;

  @BeforeAll
  static void start() {
    stack = Stack.get();
    certificate = new Certificate(stack.lab);
  }

  @AfterAll
  static void account() {
    Accounting.holds(stack);
  }

  @Test
  void curlAndNginx() {
    try (Nginx nginx = new Nginx(stack.lab, 18443, certificate)) {
      for (int i = 0; i < 5; i++) {
        curl(nginx.url("/users/" + i));
        curl(nginx.url("/missing"), nginx.url("/broken"), nginx.url("/index.html"));
      }
      curl("-d", "a=planted-secret", nginx.url("/users/post"));
      curl(nginx.url("/1mb.bin"), nginx.url("/index.html"));
      equalsLog(nginx);
    }
  }

  private static void curl(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("curl", "-s", "--cacert", certificate.certificate.toString()));
    for (String argument : arguments) {
      if (argument.startsWith("https:")) {
        command.addAll(List.of("-o", "/dev/null"));
      }
      command.add(argument);
    }
    stack.lab.onClient(command.toArray(String[]::new));
  }

  /** Both sides have the log's lines, and the sides are tied to each other one to one. */
  private static void equalsLog(Nginx nginx) {
    List<List<String>> log = nginx.accessLog();
    assertThat(log).isNotEmpty();
    Map<String, Long> expected = tally(log.stream().map(line -> line.subList(0, 3)).toList());
    for (String side : List.of("server", "client")) {
      String rows = nginx.rows(side) + " AND protocol = 'http' AND tls";
      assertThat(stack.awaitCount(rows, log.size())).as(side).isEqualTo(log.size());
      assertThat(
              tally(
                  stack.sql(
                      "SELECT operation, attributes['url.path'], status_code FROM requests WHERE "
                          + rows)))
          .as(side)
          .isEqualTo(expected);
    }
    assertThat(untied(nginx.port)).as("exchanges not seen exactly once from each side").isEmpty();
  }

  private static List<List<String>> untied(int port) {
    return stack.sql(
        "SELECT exchange_id, groupArray(observed_at), any(protocol), any(attributes['url.path']) FROM requests WHERE server_port = "
            + port
            + " AND tls GROUP BY exchange_id HAVING count() != 2 OR uniqExact(observed_at) != 2 LIMIT 10");
  }

  private static Map<String, Long> tally(List<List<String>> rows) {
    return rows.stream()
        .map(row -> String.join(" ", row))
        .collect(Collectors.groupingBy(line -> line, Collectors.counting()));
  }
}
