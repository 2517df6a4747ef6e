package io.kymo.stack.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Plays captures by a collector of their own, beside the one that observes this host. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description =
        "Sends captures (pcap, pcapng) through the running pipeline; their exchanges become rows like any others. A capture that was replayed before as the same node is refused: its rows would be there twice."
            + " Exit code 1: something could not be read, or was lost.")
final class ReplayCommand implements Callable<Integer> {
  /** Of the collector: it named what it could not read, or lost; the rest is on its way. */
  private static final int INCOMPLETE = 1;

  private static final long PATIENCE_MS = 600_000;
  private static final long INTERVAL_MS = 300;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Captures. Files that follow each other in time are one capture.")
  private List<Path> files;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description =
          "Name of the observed end's node in the rows (default: the first file's name). Not that of a host that is observed now: its time is another.")
  private String node;

  @Option(
      names = "--again",
      description = "Also what was replayed before: its exchanges become rows once more.")
  private boolean again;

  private final Home home = Home.fromEnvironment();

  @Override
  public Integer call() throws IOException, InterruptedException {
    for (Path file : files) {
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        throw new ParameterException(spec.commandLine(), file + " is no file that can be read");
      }
    }
    StackState state = StackState.load(home.state());
    for (String name : List.of(StackPlan.BROKER, StackPlan.REGISTRY, StackPlan.PROCESSOR)) {
      if (state.running(name).isEmpty()) {
        throw new UserErrorException(name + " is not running: ./kymo up starts it");
      }
    }
    StackPlan plan = new StackPlan(home, Path.of(state.data), state.ports);
    String name = node == null ? files.get(0).getFileName().toString() : node;
    List<String> absolute = files.stream().map(f -> f.toAbsolutePath().toString()).toList();
    ReplayLog log = new ReplayLog(Path.of(state.data));
    note(log, name);
    int exit = play(plan.replay(absolute, name));
    if (exit != 0 && exit != INCOMPLETE) {
      for (Path file : files) {
        log.remove(file, name);
      }
      throw new UserErrorException("the captures could not be played, see above");
    }
    awaitRows(state);
    Retention.of(state).ifPresent(retention -> retention.warn(files));
    return exit;
  }

  /** Before the first packet: what is interrupted has left rows, too. */
  private void note(ReplayLog log, String name) throws IOException {
    for (Path file : files) {
      Optional<String> before = log.before(file, name);
      if (before.isPresent() && !again) {
        throw new ParameterException(
            spec.commandLine(),
            "%s was replayed as node %s at %s: once more doubles its rows. If that is meant, say --again, or give another --node"
                .formatted(file, name, before.get()));
      }
    }
    for (Path file : files) {
      log.add(file, name);
    }
  }

  private static int play(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putIfAbsent("KYMO_LOG_LEVEL", "WARN"); // it says itself how it ended
    return builder.start().waitFor();
  }

  /** Until the stream-processor has read everything. */
  private static void awaitRows(StackState state) throws InterruptedException {
    long deadline = System.currentTimeMillis() + PATIENCE_MS;
    try {
      while (Lag.batchesBehind(state) > 0) {
        if (System.currentTimeMillis() > deadline) {
          throw new UserErrorException("the stream-processor is still behind: ./kymo status tells");
        }
        Thread.sleep(INTERVAL_MS);
      }
    } catch (ExecutionException e) {
      throw new UserErrorException("Kafka does not answer: " + e.getCause().getMessage());
    }
  }
}
