package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code ./kymo} answers to what a user types, and that its filters confine. */
@OnStack
class CommandLineTest {
  private static final Stack stack = Stack.get();

  @AfterAll
  static void filtersOfTheOthers() {
    stack.up();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bogus | bogus",
        "up --bogus | --bogus",
        "up --only colour:red | colour:red: a filter is netns:PATH",
        "up --only cgroup:/no/such | there is no /no/such",
        "up --only port: | a number from 1 to 65535 is needed",
        "up --driver none | --driver none",
        "up --driver interface:nosuch0 | there is no interface nosuch0",
        "up --driver interface:lo --only comm:nginx | cannot apply filters of kind comm",
        "logs collector -n -5 | --lines -5: how many lines?",
        "sql | QUERY",
      })
  void wrongUseExitsWithTwoAndTheReason(String arguments, String reason) {
    JsonNode before = stack.state();
    Shell.Result result = stack.kymo(arguments.split(" "));
    assertThat(result.exit()).as(result.output()).isEqualTo(2);
    assertThat(result.output()).contains(reason);
    assertThat(stack.state()).isEqualTo(before);
    assertThat(stack.endpoint("collector", "health")).contains("up");
  }

  @Test
  void queriesPrintRowsOrClickHousesError() {
    Shell.Result rows = stack.kymo("sql", "SELECT 6 * 7 AS n", "--format", "JSONEachRow");
    assertThat(rows.output().strip()).isEqualTo("{\"n\":42}");
    assertThat(rows.exit()).isZero();
    Shell.Result wrong = stack.kymo("sql", "SELECT no_such_column FROM requests");
    assertThat(wrong.exit()).isEqualTo(1);
    assertThat(wrong.output()).contains("Code: 47", "UNKNOWN_IDENTIFIER", "no_such_column");
  }

  @Test
  void saysWhatIsWatched() {
    String netns = "netns:/run/netns/" + stack.lab.client;
    Shell.Result up =
        stack.kymo("up", "--driver", "interface:kc", "--only", "port:18112", "--only", netns);
    assertThat(up.orFail().output())
        .containsPattern("Watching +interface kc, only port:18112 " + netns + "\n");
  }

  @Test
  void filtersConfine() throws IOException {
    Path group = cgroup();
    try (Nginx one = new Nginx(stack.lab, 18110);
        Nginx two = new Nginx(stack.lab, 18111)) {
      upWith("port:18111");
      get(one, "/users/1");
      get(two, "/users/1");
      seen(two.rows("client"), two.rows("server"));
      unseen(one.rows());

      upWith("comm:nginx");
      get(one, "/users/2");
      seen(path("/users/2", "server"));
      unseen(path("/users/2", "client"));

      upWith("cgroup:" + group);
      get(one, "/users/3");
      getInside(group, one, "/users/4");
      seen(path("/users/4", "client"));
      unseen(path("/users/4", "server"));
      unseen(path("/users/3", "client"));
      unseen(path("/users/3", "server"));
    } finally {
      Files.delete(group);
    }
  }

  /** A group of its own in the unified hierarchy, wherever that is mounted. */
  private static Path cgroup() throws IOException {
    String mount =
        Files.readAllLines(Path.of("/proc/mounts")).stream()
            .map(line -> line.split(" "))
            .filter(cells -> cells[2].equals("cgroup2"))
            .findFirst()
            .orElseThrow()[1];
    return Files.createDirectory(Path.of(mount, "kymo-" + stack.lab.client));
  }

  /** The collector anew, confined to the lab and to this. */
  private static void upWith(String filter) {
    List<String> arguments = new ArrayList<>(List.of("up", "--only", filter));
    stack.lab.filters().forEach(f -> arguments.addAll(List.of("--only", f)));
    stack.kymo(arguments.toArray(String[]::new)).orFail();
  }

  private static void get(Nginx nginx, String path) {
    stack.lab.onClient("curl", "-s", "-o", "/dev/null", nginx.url(path));
  }

  /**
   * The same by a member of the group. It joins before it enters the namespace, which hides /sys.
   */
  private static void getInside(Path group, Nginx nginx, String path) {
    String curl =
        String.join(
            " ", Lab.inside(stack.lab.client, "curl", "-s", "-o", "/dev/null", nginx.url(path)));
    String join = "echo $$ > " + group.resolve("cgroup.procs") + " && exec ";
    Shell.run(List.of("sh", "-c", join + curl), Map.of(), stack.lab.work).orFail();
  }

  private static String path(String path, String side) {
    return "server_port IN (18110, 18111) AND observed_at = '"
        + side
        + "' AND attributes['url.path'] = '"
        + path
        + "'";
  }

  private static void seen(String... wheres) {
    for (String where : wheres) {
      assertThat(stack.awaitCount(where, 1)).as(where).isEqualTo(1);
    }
  }

  /** Asked after something later was seen, so that it would be there. */
  private static void unseen(String where) {
    assertThat(stack.count(where)).as(where).isZero();
  }
}
