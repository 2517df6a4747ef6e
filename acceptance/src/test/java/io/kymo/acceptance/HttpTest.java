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

/** nginx under curl and wrk: rows equal the access log one to one, on both sides. */
@OnStack
class HttpTest {
  private static final Pattern WRK_REQUESTS = Pattern.compile("(\\d+) requests in ");
  private static final Stack stack = Stack.get();

  @Test
  void curlKeptAliveAndClosedWithErrorsAndLargeFiles() {
    try (Nginx nginx = new Nginx(stack.lab, 18080)) {
      for (int i = 0; i < 5; i++) {
        stack.lab.onClient("curl", "-s", "-o", "/dev/null", nginx.url("/users/" + i));
        stack.lab.onClient(
            "curl",
            "-s",
            "-o",
            "/dev/null",
            nginx.url("/missing"),
            "-o",
            "/dev/null",
            nginx.url("/broken"));
        stack.lab.onClient(
            "curl", "-s", "-H", "Connection: close", "-o", "/dev/null", nginx.url("/moved"));
      }
      stack.lab.onClient("curl", "-s", "-I", nginx.url("/index.html"));
      stack.lab.onClient(
          "curl",
          "-s",
          "-o",
          "/dev/null",
          "-d",
          "a=b",
          nginx.url("/users/post?token=planted-secret"));
      stack.lab.onClient(
          "curl",
          "-s",
          "-o",
          "/dev/null",
          nginx.url("/1mb.bin"),
          "-o",
          "/dev/null",
          nginx.url("/10mb.bin"));
      stack.lab.onClient(
          "curl",
          "-g",
          "-s",
          "-o",
          "/dev/null",
          nginx.url6("/index.html"),
          "-o",
          "/dev/null",
          nginx.url6("/10mb.bin"));
      equalsLog(nginx);
      assertThat(stack.count("server_port = 18080 AND client_address = '" + Lab.CLIENT6 + "'"))
          .isEqualTo(4);
    }
  }

  @Test
  void secrets() {
    try (Nginx nginx = new Nginx(stack.lab, 18083)) {
      stack.lab.onClient(
          "curl",
          "-s",
          "-H",
          "Authorization: Bearer planted-secret-bearer",
          "-H",
          "Cookie: session=planted-secret-cookie; theme=dark",
          "-H",
          "X-Api-Key: planted-secret-key",
          "-e",
          "http://elsewhere/?token=planted-secret-referer",
          "-d",
          "password=planted-secret-body",
          nginx.url("/login?token=planted-secret-query&flag&planted-secret-flag"));
      equalsLog(nginx);
      Secrets.stayInSegments(
          stack,
          "planted-secret-bearer",
          "planted-secret-cookie",
          "planted-secret-key",
          "planted-secret-referer",
          "planted-secret-body",
          "planted-secret-query",
          "planted-secret-flag",
          "planted-secret-setcookie",
          "planted-secret-location");
    }
  }

  @Test
  void wrkOverKeptAliveConnections() {
    try (Nginx nginx = new Nginx(stack.lab, 18081)) {
      wrkAgrees(
          nginx,
          stack.lab.onClient("wrk", "-t", "1", "-c", "16", "-d", "3s", nginx.url("/index.html")));
    }
  }

  @Test
  void pipelinedRequests() throws IOException {
    try (Nginx nginx = new Nginx(stack.lab, 18082)) {
      Path script = stack.lab.work.resolve("pipeline.lua");
      Files.writeString(
          script,
          String.join(
              "\n",
              "init = function(args)",
              "  local r = {}",
              "  for i = 1, 8 do r[i] = wrk.format('GET', '/users/' .. i) end",
              "  req = table.concat(r)",
              "end",
              "request = function() return req end"));
      wrkAgrees(
          nginx,
          stack.lab.onClient(
              "wrk", "-t", "1", "-c", "4", "-d", "2s", "-s", script.toString(), nginx.url("/")));
    }
  }

  /**
   * wrk leaves its last requests without reading their responses: nginx has logged them, the
   * client's rows say that the connection was closed. The others are those that wrk counted.
   */
  private static void wrkAgrees(Nginx nginx, String report) {
    Matcher requests = WRK_REQUESTS.matcher(report);
    assertThat(requests.find()).as(report).isTrue();
    equalsLog(nginx, "connection_closed");
    assertThat(stack.count(nginx.rows("client") + " AND status = 'ok'"))
        .isEqualTo(Long.parseLong(requests.group(1)));
  }

  private static void equalsLog(Nginx nginx) {
    equalsLog(nginx, "none");
  }

  /**
   * Both sides have the log's lines, and the sides are tied to each other one to one. Of a client's
   * row whose status is {@code unread} the status code is taken to be 200.
   */
  private static void equalsLog(Nginx nginx, String unread) {
    List<List<String>> log = nginx.accessLog();
    assertThat(log).isNotEmpty();
    Map<String, Long> expected = tally(log.stream().map(line -> line.subList(0, 3)).toList());
    for (String side : List.of("server", "client")) {
      assertThat(stack.awaitCount(nginx.rows(side), log.size())).as(side).isEqualTo(log.size());
    }
    String lines =
        "SELECT operation, attributes['url.path'], if(observed_at = 'client' AND status = '"
            + unread
            + "', '200', status_code) FROM requests WHERE ";
    for (String side : List.of("server", "client")) {
      assertThat(tally(stack.sql(lines + nginx.rows(side)))).as(side).isEqualTo(expected);
    }
    List<List<String>> untied =
        stack.sql(
            "SELECT exchange_id, groupArray(observed_at), any(attributes['url.path']) FROM requests WHERE server_port = "
                + nginx.port
                + " GROUP BY exchange_id HAVING count() != 2 OR uniqExact(observed_at) != 2 LIMIT 10");
    assertThat(untied).as("exchanges that are not seen exactly once from each side").isEmpty();
  }

  private static Map<String, Long> tally(List<List<String>> rows) {
    List<String> lines = new ArrayList<>();
    rows.forEach(r -> lines.add(String.join(" ", r)));
    return lines.stream().collect(Collectors.groupingBy(l -> l, Collectors.counting()));
  }
}
