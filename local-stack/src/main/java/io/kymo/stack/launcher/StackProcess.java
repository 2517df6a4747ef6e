package io.kymo.stack.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * One process of the stack: how to start it, and how to know that it is ready.
 *
 * @param settings lines of its configuration file, which is written when it starts; empty: it has
 *     none
 * @param healthUrl answers 200 when it is ready
 */
record StackProcess(
    String name,
    List<String> command,
    List<String> settings,
    Map<String, String> environment,
    int port,
    String healthUrl) {
  private static final int LOG_LINES_SHOWN = 8;

  /**
   * Starts it in a session of its own, so that it outlives the terminal. Its output goes to its
   * log.
   */
  StackState.Entry start(Home home) {
    List<String> line = new ArrayList<>();
    line.add("setsid");
    line.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectErrorStream(true);
    if (!settings.isEmpty()) {
      write(home.config(name), settings);
    }
    rotate(home.log(name));
    builder.redirectOutput(home.log(name).toFile());
    try {
      Process process = builder.start();
      StackState.Entry entry = new StackState.Entry();
      entry.pid = process.pid();
      entry.startedMs =
          process
              .info()
              .startInstant()
              .map(java.time.Instant::toEpochMilli)
              .orElse(System.currentTimeMillis());
      entry.port = port;
      entry.healthUrl = healthUrl;
      entry.command = command;
      entry.settings = settings;
      return entry;
    } catch (IOException e) {
      throw new UserErrorException("cannot start " + name + ": " + e.getMessage());
    }
  }

  /** Was it started in another way than it would be now? */
  boolean differs(StackState.Entry started) {
    return !started.command.equals(command) || !started.settings.equals(settings);
  }

  private static void write(Path file, List<String> lines) {
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void rotate(Path log) {
    try {
      if (Files.exists(log)) {
        Files.move(
            log,
            log.resolveSibling(log.getFileName() + ".1"),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Why it is not ready; empty when it is. */
  Optional<String> notReady() {
    Http.Answer answer = Http.get(healthUrl);
    if (answer.ok()) {
      return Optional.empty();
    }
    return Optional.of(answer.status() == 0 ? "starting" : Reason.ofHealth(answer.body()));
  }

  /** The end of its log, for error messages. */
  static String logTail(Path log) {
    try (Stream<String> lines =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines()) {
      List<String> all = lines.toList();
      return String.join(
          "\n  ", all.subList(Math.max(0, all.size() - LOG_LINES_SHOWN), all.size()));
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }
}
