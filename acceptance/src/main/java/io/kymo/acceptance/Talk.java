package io.kymo.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that is told what to do, a line at a time, and answers each with a line. */
public final class Talk implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  /** Starts it and waits for its line "ready"; what it says on standard error goes to the log. */
  public Talk(Path log, List<String> command) {
    try {
      process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    answers = process.inputReader(StandardCharsets.US_ASCII);
    String first = read();
    if (!"ready".equals(first)) {
      throw new AssertionError(command + " said " + first + ", see " + log);
    }
  }

  /** A program of this class path, in a network namespace. */
  public static Talk java(Lab lab, String namespace, Class<?> program, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
    command.addAll(List.of(arguments));
    return new Talk(
        lab.work.resolve(program.getSimpleName() + ".log"),
        Lab.inside(namespace, command.toArray(String[]::new)));
  }

  /** Sends a line and returns the answer, which must begin with "ok"; without that word. */
  public String ok(String line) {
    String answer = ask(line);
    if (!answer.startsWith("ok")) {
      throw new AssertionError(line + ": " + answer);
    }
    return answer.substring(2).strip();
  }

  /** Sends a line and returns the answer. */
  public String ask(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
      process.getOutputStream().flush();
      String answer = read();
      if (answer == null) {
        throw new AssertionError("ended instead of answering " + line);
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException(line, e);
    }
  }

  private String read() {
    try {
      return answers.readLine();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Shell.end(process);
  }
}
