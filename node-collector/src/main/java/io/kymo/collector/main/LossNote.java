package io.kymo.collector.main;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a collector lost by its end cannot be told by its own batches any more: it leaves a note to
 * the next one, which reports it in counters of its own.
 */
final class LossNote {
  private static final Logger LOG = LoggerFactory.getLogger(LossNote.class);

  private record Sum(CollectorCounter previous, List<CollectorCounter> own) {}

  private static final List<Sum> SUMS =
      List.of(
          new Sum(
              CollectorCounter.PREVIOUS_RUN_LOST_BATCHES,
              List.of(
                  CollectorCounter.LOST_QUEUE_BATCHES,
                  CollectorCounter.LOST_KAFKA_BATCHES,
                  CollectorCounter.LOST_STOP_BATCHES)),
          new Sum(
              CollectorCounter.PREVIOUS_RUN_LOST_SEGMENTS,
              List.of(
                  CollectorCounter.LOST_QUEUE_SEGMENTS,
                  CollectorCounter.LOST_KAFKA_SEGMENTS,
                  CollectorCounter.LOST_STOP_SEGMENTS)),
          new Sum(
              CollectorCounter.PREVIOUS_RUN_LOST_BYTES,
              List.of(
                  CollectorCounter.LOST_QUEUE_BYTES,
                  CollectorCounter.LOST_KAFKA_BYTES,
                  CollectorCounter.LOST_STOP_BYTES)));

  private final Path file;
  private final Counters counters;

  private LossNote(Path file, Counters counters) {
    this.file = file;
    this.counters = counters;
  }

  /**
   * @param directory empty: nothing is noted
   */
  static LossNote in(String directory, Counters counters) {
    return new LossNote(
        directory.isEmpty() ? null : Path.of(directory, "lost-by-previous-run.properties"),
        counters);
  }

  /** Adds what the run before lost to the counters, when there is a note. */
  void read() {
    if (file == null || !Files.exists(file)) {
      return;
    }
    Properties note = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      note.load(reader);
      for (Sum sum : SUMS) {
        counters.add(sum.previous, Long.parseLong(note.getProperty(sum.previous.id(), "0")));
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("what the run before lost cannot be read from {}: {}", file, e.toString());
      return;
    }
    long batches = counters.get(CollectorCounter.PREVIOUS_RUN_LOST_BATCHES);
    if (batches > 0) {
      LOG.warn(
          "the run before lost {} batches with {} bytes",
          batches,
          counters.get(CollectorCounter.PREVIOUS_RUN_LOST_BYTES));
    }
  }

  /** Notes what this run lost; and what it was told itself, if it could tell nobody. */
  void write() {
    if (file == null) {
      return;
    }
    boolean told = counters.get(CollectorCounter.PUBLISHED_BATCHES) > 0;
    Properties note = new Properties();
    for (Sum sum : SUMS) {
      long lost = told ? 0 : counters.get(sum.previous);
      for (CollectorCounter own : sum.own) {
        lost += counters.get(own);
      }
      note.setProperty(sum.previous.id(), Long.toString(lost));
    }
    try {
      Files.createDirectories(file.getParent());
      try (Writer writer = Files.newBufferedWriter(file)) {
        note.store(writer, null);
      }
    } catch (IOException e) {
      LOG.warn("what this run lost cannot be noted in {}: {}", file, e.toString());
    }
  }
}
