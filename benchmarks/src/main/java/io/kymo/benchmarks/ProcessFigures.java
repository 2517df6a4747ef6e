package io.kymo.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time and memory of a process, from /proc. */
final class ProcessFigures {
  private static final double TICKS_PER_SECOND = 100; // USER_HZ, fixed on all of Linux's ABIs here

  private ProcessFigures() {}

  /** User and system time so far, seconds. */
  static double cpuSeconds(long pid) {
    String stat = read(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  static double rssMegabytes(long pid) {
    return read(Path.of("/proc/" + pid + "/status"))
            .lines()
            .filter(l -> l.startsWith("VmRSS:"))
            .mapToLong(l -> Long.parseLong(l.replaceAll("\\D+", "")))
            .sum()
        / 1024.0;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
