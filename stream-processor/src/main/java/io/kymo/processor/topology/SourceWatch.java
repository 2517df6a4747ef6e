package io.kymo.processor.topology;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.SegmentBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A task's collectors: their sequences and counters, and the time at each of their nodes. */
final class SourceWatch {
  // A source that was silent for so long is not expected to go on with its sequence.
  private static final long SILENT_MS = Duration.ofDays(7).toMillis();

  private final DirtyHeapStore<SourceKey, Source> sources;
  private final EndOffsets endOffsets;
  private final long statsIntervalNs;
  private final Metrics metrics;
  private final Outbox outbox;
  private long nextOffset = -1;
  private EndOffsets.Observation awaited;

  SourceWatch(
      DirtyHeapStore<SourceKey, Source> sources,
      EndOffsets endOffsets,
      long statsIntervalNs,
      Metrics metrics,
      Outbox outbox) {
    this.sources = sources;
    this.endOffsets = endOffsets;
    this.statsIntervalNs = statsIntervalNs;
    this.metrics = metrics;
    this.outbox = outbox;
  }

  /** Begins with what was restored: silence counts from now on. */
  void open(long wallMs) {
    metrics.add(ProcessorCounter.STATES_UNREADABLE, sources.open(new SourceCodec()));
    sources.entries().values().forEach(source -> source.heard(wallMs));
  }

  Source source(SourceKey key, long wallMs) {
    Source source = sources.get(key);
    if (source == null) {
      source = new Source(key);
      source.heard(wallMs);
      sources.put(key, source);
    }
    return source;
  }

  /** Takes a batch's header in. */
  Source receive(SegmentBatch batch, long wallMs) {
    metrics.add(ProcessorCounter.BATCHES, 1);
    Source source = source(new SourceKey(batch.getNode(), batch.getBootId()), wallMs);
    boolean known = source.collectorStart() >= 0;
    long missing = source.missing();
    switch (source.receive(batch)) {
      case NEXT -> {}
      case FIRST -> {
        // every partition hears of it: one of them counts
        boolean counts = known && outbox.partition() == 0;
        metrics.add(ProcessorCounter.COLLECTOR_RESTARTS, counts ? 1 : 0);
        metrics.add(ProcessorCounter.BATCHES_MISSING, source.missing());
      }
      case JUMPED -> metrics.add(ProcessorCounter.BATCHES_MISSING, source.missing() - missing);
      case REPEATED -> metrics.add(ProcessorCounter.BATCHES_REPEATED, 1);
    }
    return source;
  }

  /** A batch of this source was processed. */
  void processed(Source source, long recordNs, long wallMs) {
    source.heard(wallMs);
    source.lives(recordNs);
    report(source, recordNs);
    sources.touch(source.key());
  }

  /** The record before this offset was processed, or put aside. */
  void passed(long offset) {
    nextOffset = offset;
  }

  /**
   * Lets time go on where nothing comes any more: to the moment at which the broker was asked how
   * far the partition reaches, as soon as all up to there is processed.
   */
  void tick(long wallMs) {
    if (awaited == null) {
      awaited = endOffsets.latest(outbox.partition());
    }
    if (awaited != null && Math.max(nextOffset, awaited.committed()) >= awaited.end()) {
      for (Source source : sources.entries().values()) {
        source.quietUntil(awaited.askedAtMs());
      }
      awaited = null;
    }
    List<SourceKey> silent = new ArrayList<>();
    for (Source source : sources.entries().values()) {
      report(source, source.now());
      if (wallMs - source.heardAtMs() > SILENT_MS) {
        silent.add(source.key());
      }
    }
    silent.forEach(sources::remove);
  }

  private void report(Source source, long atNs) {
    CollectorStats stats =
        source.report(outbox.partition(), Math.max(atNs, source.now()), statsIntervalNs);
    if (stats != null) {
      sources.touch(source.key());
      outbox.add(Outbox.COLLECTOR_STATS, outbox.partition(), stats);
    }
  }

  long writtenBytes() {
    return sources.writtenBytes();
  }
}
