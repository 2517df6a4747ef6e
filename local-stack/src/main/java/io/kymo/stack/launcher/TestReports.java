package io.kymo.stack.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Adds up Surefire's reports. */
final class TestReports {
  private static final Pattern SUITE =
      Pattern.compile(
          "<testsuite [^>]*?\\btests=\"(\\d+)\"[^>]*?\\berrors=\"(\\d+)\"[^>]*?\\bskipped=\"(\\d+)\"[^>]*?\\bfailures=\"(\\d+)\"");

  /** Skipped tests count as failed: here no test may be passed over. */
  record Sum(int passed, int failed) {}

  private TestReports() {}

  static void clear(Path root) throws IOException {
    for (Path report : reports(root)) {
      Files.delete(report);
    }
  }

  static Sum sum(Path root) throws IOException {
    int tests = 0;
    int bad = 0;
    for (Path report : reports(root)) {
      Matcher m = SUITE.matcher(Files.readString(report));
      if (m.find()) {
        tests += Integer.parseInt(m.group(1));
        bad +=
            Integer.parseInt(m.group(2))
                + Integer.parseInt(m.group(3))
                + Integer.parseInt(m.group(4));
      }
    }
    return new Sum(tests - bad, bad);
  }

  private static List<Path> reports(Path root) throws IOException {
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .map(m -> m.resolve("target/surefire-reports"))
          .filter(Files::isDirectory)
          .flatMap(TestReports::xml)
          .toList();
    }
  }

  private static Stream<Path> xml(Path dir) {
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(f -> f.toString().endsWith(".xml")).toList().stream();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
