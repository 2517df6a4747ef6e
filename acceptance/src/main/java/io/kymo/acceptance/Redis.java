package io.kymo.acceptance;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Redis in the server's namespace; its commandstats are the judge. */
public final class Redis implements AutoCloseable {
  private final Lab lab;
  private final Path dir;
  private final Process process;
  final int port;

  Redis(Lab lab, int port) {
    this.lab = lab;
    this.port = port;
    this.dir = lab.directory("redis-" + port);
    process =
        lab.startOnServer(
            "redis-" + port,
            "redis-server",
            "--port",
            "" + port,
            "--bind",
            "0.0.0.0",
            "::",
            "--protected-mode",
            "no",
            "--unixsocket",
            socket(),
            "--unixsocketperm",
            "777",
            "--enable-debug-command",
            "yes",
            "--slowlog-log-slower-than",
            "0",
            "--save",
            "",
            "--dir",
            dir.toString());
    Await.that(
        "Redis answers",
        () -> lab.on(lab.server, "redis-cli", "-s", socket(), "ping").output().contains("PONG"));
    // what was asked until here does not count: neither in Redis's statistics nor, by time, in the
    // rows
    lab.on(lab.server, "redis-cli", "-s", socket(), "config", "resetstat");
  }

  String socket() {
    return dir.resolve("redis.sock").toString();
  }

  /** Calls by command in lower case, subcommands behind a bar, as INFO commandstats counts them. */
  Map<String, Long> commandStats() {
    Map<String, Long> calls = new TreeMap<>();
    for (String line :
        lab.on(lab.server, "redis-cli", "-s", socket(), "info", "commandstats")
            .orFail()
            .output()
            .split("\r?\n")) {
      if (line.startsWith("cmdstat_")) {
        calls.put(
            line.substring("cmdstat_".length(), line.indexOf(':')),
            Long.parseLong(line.replaceAll("^[^:]*:calls=(\\d+).*", "$1")));
      }
    }
    return calls;
  }

  /**
   * The commands of late, the newest first, as JSON: each with id, time (s), duration (µs), words,
   * the client's address.
   */
  String slowLog() {
    return lab.on(lab.server, "redis-cli", "-s", socket(), "--json", "slowlog", "get", "-1")
        .orFail()
        .output();
  }

  @Override
  public void close() {
    Shell.end(process);
  }
}
