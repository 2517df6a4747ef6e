package io.kymo.stack.launcher;

import io.kymo.stack.broker.BrokerProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;

@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Each process, its lag and its counters. Exit code 0 when all are well, else 1.")
final class StatusCommand implements Callable<Integer> {
  private static final Pattern SAMPLE =
      Pattern.compile("(kymo_[a-z0-9_]+)(\\{[^}]*\\})? ([0-9.eE+-]+)");

  private final Home home = Home.fromEnvironment();

  @Override
  public Integer call() {
    StackState state = StackState.load(home.state());
    boolean well = true;
    System.out.printf(
        "%-17s %8s %9s %8s %6s  %s%n", "process", "pid", "up", "rss MB", "port", "state");
    for (String name : StackPlan.NAMES) {
      Optional<ProcessHandle> handle = state.running(name);
      String health = handle.isEmpty() ? "not running" : health(state, name);
      well &= health.equals("ok");
      StackState.Entry entry = state.processes.get(name);
      System.out.printf(
          "%-17s %8s %9s %8s %6s  %s%n",
          name,
          handle.map(h -> String.valueOf(h.pid())).orElse("-"),
          handle.flatMap(h -> h.info().startInstant()).map(StatusCommand::since).orElse("-"),
          handle.map(h -> rssMb(h.pid())).orElse("-"),
          entry == null ? "-" : entry.port,
          health);
    }
    died(state);
    freeSpace(state);
    if (state.running(StackPlan.BROKER).isPresent()) {
      System.out.println();
      Lag.print(state);
    }
    for (String name : new String[] {StackPlan.COLLECTOR, StackPlan.PROCESSOR}) {
      if (state.running(name).isPresent()) {
        counters(state, name);
      }
    }
    page(state, "/nested", "programs that missed calls (kernel_lost_nested)");
    page(state, "/tls", "TLS");
    return well ? 0 : 1;
  }

  /** Of those that were started and run no more, the last that their logs say of it. */
  private void died(StackState state) {
    for (String name : StackPlan.NAMES) {
      if (state.processes.containsKey(name) && state.running(name).isEmpty()) {
        System.out.println(name + " ended by itself; " + Reason.ofEnd(home.log(name)));
      }
    }
  }

  private static void freeSpace(StackState state) {
    try {
      if (!state.data.isEmpty()) {
        long free = DataPlace.freeBytes(Path.of(state.data));
        System.out.printf("data: %s, %,d MB free%n", state.data, free >> 20);
      }
    } catch (IOException e) {
      System.out.println("data: " + Reason.of(e));
    }
  }

  private static String health(StackState state, String name) {
    if (name.equals(StackPlan.BROKER)) {
      return BrokerProbe.notReady("127.0.0.1:" + state.port("kafka")).orElse("ok");
    }
    Http.Answer answer = Http.get(state.processes.get(name).healthUrl);
    return answer.ok()
        ? "ok"
        : answer.status() == 0 ? "does not answer" : Reason.ofHealth(answer.body());
  }

  private static String since(java.time.Instant start) {
    Duration d = Duration.between(start, java.time.Instant.now());
    return d.toHours() > 0
        ? d.toHours() + " h " + d.toMinutesPart() + " m"
        : d.toMinutes() + " m " + d.toSecondsPart() + " s";
  }

  private static String rssMb(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
        if (line.startsWith("VmRSS:")) {
          return String.valueOf(Long.parseLong(line.replaceAll("\\D+", "")) / 1024);
        }
      }
    } catch (IOException e) {
      return "-"; // it ended just now
    }
    return "-";
  }

  /** Lines that the collector tells, if it has any: nested programs; where TLS is seen. */
  private static void page(StackState state, String path, String title) {
    if (state.running(StackPlan.COLLECTOR).isEmpty()) {
      return;
    }
    String health = state.processes.get(StackPlan.COLLECTOR).healthUrl;
    Http.Answer answer = Http.get(health.replace("/health", path));
    if (answer.ok() && !answer.body().isBlank()) {
      System.out.println();
      System.out.println(title);
      answer.body().lines().forEach(line -> System.out.println("  " + line));
    }
  }

  /** Prints every counter that is not zero. */
  private static void counters(StackState state, String name) {
    Http.Answer answer =
        Http.get(state.processes.get(name).healthUrl.replace("/health", "/metrics"));
    if (!answer.ok()) {
      return;
    }
    System.out.println();
    System.out.println(name);
    Matcher m = SAMPLE.matcher("");
    answer
        .body()
        .lines()
        .filter(line -> m.reset(line).matches() && Double.parseDouble(m.group(3)) != 0)
        .map(
            line -> {
              String labels =
                  m.group(2) == null
                      ? ""
                      : m.group(2).replace("\"", "").replaceAll("[{}]", " ").strip();
              String id =
                  m.group(1).replaceFirst("^kymo_", "").replaceFirst("_total$", "")
                      + (labels.isEmpty() ? "" : " " + labels);
              return Map.entry(id, Double.parseDouble(m.group(3)));
            })
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> System.out.printf("  %-58s %,18.0f%n", e.getKey(), e.getValue()));
  }
}
