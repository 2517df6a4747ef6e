package io.kymo.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Kymo itself as a user starts it, by {@code ./kymo up}, confined to the {@link Lab}; one for all
 * tests of the JVM. Its state lives under the lab's directory.
 */
public final class Stack {
  private static final long PATIENCE_MS = 40_000;
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static Stack instance;

  public final Lab lab;
  private final Path root = Path.of(System.getProperty("kymo.root"));
  private final Path home;

  /** Lab and stack, started at the first call, ended with the JVM. */
  public static synchronized Stack get() {
    if (instance == null) {
      instance = new Stack(new Lab());
      Runtime.getRuntime().addShutdownHook(new Thread(instance::end));
      instance.up();
    }
    return instance;
  }

  private Stack(Lab lab) {
    this.lab = lab;
    this.home = lab.directory("kymo");
    try {
      Path run = Files.createDirectories(home.resolve("run"));
      JSON.writeValue(run.resolve("stack.json").toFile(), Map.of("ports", portsOfItsOwn()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where the launcher begins to look: another stack that starts meanwhile looks elsewhere. */
  private static Map<String, Integer> portsOfItsOwn() {
    int port = 20_000 + (int) (ProcessHandle.current().pid() % 1_000) * 10;
    Map<String, Integer> ports = new TreeMap<>();
    for (String purpose :
        List.of("kafka", "controller", "registry", "clickhouse", "processor", "collector")) {
      ports.put(purpose, port++);
    }
    return ports;
  }

  public void up() {
    List<String> arguments = new ArrayList<>(List.of("up"));
    for (String filter : lab.filters()) {
      arguments.add("--only");
      arguments.add(filter);
    }
    kymo(arguments.toArray(String[]::new)).orFail();
  }

  private void end() {
    Shell.Result down = kymo("down");
    if (Boolean.getBoolean("kymo.keep")) {
      System.err.println(down.output() + "kept: " + lab.work);
      return;
    }
    lab.close();
  }

  public Shell.Result kymo(String... arguments) {
    List<String> command = new ArrayList<>(List.of(root.resolve("kymo").toString()));
    command.addAll(Arrays.asList(arguments));
    return Shell.run(
        command,
        Map.of("KYMO_HOME", home.toString(), "KYMO_LIB", root.resolve(".kymo/lib").toString()),
        root);
  }

  /** State of the launcher: pids and ports. */
  public JsonNode state() {
    try {
      return JSON.readTree(Files.readString(home.resolve("run/stack.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid(String process) {
    return state().at("/processes/" + process + "/pid").asLong();
  }

  public int port(String purpose) {
    return state().at("/ports/" + purpose).asInt();
  }

  /** SIGKILL, as a crash would. It may still be there for a moment. */
  public void kill(String process) {
    if (!ProcessHandle.of(pid(process)).orElseThrow().destroyForcibly()) {
      throw new AssertionError("not killed: " + process);
    }
  }

  public String log(String process) {
    try {
      return Files.readString(home.resolve("log/" + process + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rows of cells; fails with ClickHouse's error. */
  public List<List<String>> sql(String query) {
    String body =
        http(
            "http://127.0.0.1:"
                + port("clickhouse")
                + "/?database=kymo&default_format=TabSeparated",
            query);
    return body.lines().map(line -> List.of(line.split("\t", -1))).toList();
  }

  public long count(String where) {
    return Long.parseLong(sql("SELECT count() FROM requests WHERE " + where).get(0).get(0));
  }

  /** The endpoint of a process, e.g. {@code accounting}. */
  public String endpoint(String purpose, String path) {
    return http("http://127.0.0.1:" + port(purpose) + "/" + path, null);
  }

  public JsonNode json(String purpose, String path) {
    try {
      return JSON.readTree(endpoint(purpose, path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String http(String url, String body) {
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
      if (body != null) {
        request.POST(HttpRequest.BodyPublishers.ofString(body));
      }
      HttpResponse<String> response =
          HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new AssertionError(url + ": " + response.statusCode() + " " + response.body());
      }
      return response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(url, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /**
   * Asks until the rows are as wanted, or for a minute; returns the last answer either way: assert
   * on it.
   */
  public List<List<String>> await(String query, Predicate<List<List<String>>> wanted) {
    long end = System.currentTimeMillis() + PATIENCE_MS;
    while (true) {
      List<List<String>> rows = sql(query);
      if (wanted.test(rows) || System.currentTimeMillis() > end) {
        return rows;
      }
      pause(200);
    }
  }

  /**
   * Waits until the number of matching rows is {@code wanted} and stays so for a moment, or until
   * no more come; returns what it found.
   */
  public long awaitCount(String where, long wanted) {
    reach(where, wanted);
    pause(1_500); // what is doubled comes late, too
    return count(where);
  }

  /**
   * Waits until the number of matching rows is at least {@code wanted}, or no more come; returns
   * what it found. For rows of what has ended before.
   */
  public long reach(String where, long wanted) {
    long rows = count(where);
    long changedMs = System.currentTimeMillis();
    while (rows < wanted && System.currentTimeMillis() - changedMs < PATIENCE_MS) {
      pause(250);
      long now = count(where);
      if (now != rows) {
        changedMs = System.currentTimeMillis();
      }
      rows = now;
    }
    return rows;
  }

  public static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
