package io.kymo.stack.launcher;

import io.kymo.collector.driver.pcap.file.CaptureFile;
import io.kymo.collector.driver.pcap.file.Frame;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * For how long ClickHouse keeps rows, counted from their own time, not from when they were written.
 */
record Retention(long days) {
  private static final String QUERY =
      "SELECT extract(engine_full, 'toIntervalDay\\\\((\\\\d+)\\\\)') FROM system.tables"
          + " WHERE database = 'kymo' AND name = 'requests'";

  /**
   * As the table requests has it; empty when ClickHouse does not answer, or keeps rows for good.
   */
  static Optional<Retention> of(StackState state) {
    Http.Answer answer = Http.post("http://127.0.0.1:" + state.port("clickhouse") + "/", QUERY);
    String days = answer.ok() ? answer.body().strip() : "";
    return days.matches("[0-9]{1,9}")
        ? Optional.of(new Retention(Long.parseLong(days)))
        : Optional.empty();
  }

  /** Says of which captures no rows can be expected. */
  void warn(List<Path> files) {
    for (Path file : files) {
      warning(file, Instant.now()).ifPresent(System.err::println);
    }
  }

  /** One line, when the capture begins so long ago that its rows are removed as they come. */
  Optional<String> warning(Path file, Instant now) {
    OptionalLong first = firstNs(file);
    if (first.isEmpty()) {
      return Optional.empty();
    }
    Instant began = Instant.EPOCH.plusNanos(first.getAsLong());
    if (Duration.between(began, now).toDays() < days) {
      return Optional.empty();
    }
    return Optional.of(
        "kymo replay: %s begins at %s: the table requests keeps rows for %d days (its TTL), so older ones are removed again; ./kymo decode shows them all"
            .formatted(file, began.truncatedTo(ChronoUnit.SECONDS), days));
  }

  private static OptionalLong firstNs(Path file) {
    try (CaptureFile capture =
        CaptureFile.open(new FileInputStream(file.toFile()), (offset, count, why) -> {})) {
      Frame first = new Frame();
      return capture.next(first) ? OptionalLong.of(first.timeNs) : OptionalLong.empty();
    } catch (IOException e) {
      return OptionalLong.empty(); // it was named when it was played
    }
  }
}
