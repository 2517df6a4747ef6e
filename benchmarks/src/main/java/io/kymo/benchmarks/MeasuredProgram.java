package io.kymo.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * One run of a program, its output thrown into a file.
 *
 * @param seconds from start to end
 * @param cpuSeconds user and system time, children included
 * @param lines that it printed
 * @param peakMegabytes largest resident memory that was seen
 */
record MeasuredProgram(double seconds, double cpuSeconds, long lines, double peakMegabytes) {
  private static final long LOOK_MS = 50;

  /**
   * @param directory for what it prints
   * @throws IllegalStateException when it fails
   */
  static MeasuredProgram run(Path directory, List<String> command) {
    Path out = directory.resolve("out");
    Path times = directory.resolve("times");
    // TIMEFORMAT: real, user, system
    String script = "TIMEFORMAT='%3R %3U %3S'; time \"$@\" >" + out + " 2>" + out + ".err; exit $?";
    ProcessBuilder bash = new ProcessBuilder("bash", "-c", script, "bash");
    bash.command().addAll(command);
    bash.redirectError(times.toFile());
    try {
      Process process = bash.start();
      double peak = 0;
      while (!process.waitFor(LOOK_MS, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        peak = Math.max(peak, process.descendants().mapToDouble(MeasuredProgram::memory).sum());
      }
      if (process.exitValue() != 0) {
        throw new IllegalStateException(command + ": " + Files.readString(Path.of(out + ".err")));
      }
      String[] measured = Files.readString(times).strip().split(" ");
      double cpu = Double.parseDouble(measured[1]) + Double.parseDouble(measured[2]);
      long lines;
      try (Stream<String> printed = Files.lines(out)) {
        lines = printed.count();
      }
      return new MeasuredProgram(Double.parseDouble(measured[0]), cpu, lines, peak);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static double memory(ProcessHandle process) {
    try {
      return ProcessFigures.rssMegabytes(process.pid());
    } catch (UncheckedIOException e) {
      return 0; // it ended just now
    }
  }
}
