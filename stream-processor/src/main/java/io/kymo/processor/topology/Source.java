package io.kymo.processor.topology;

import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.SegmentBatch;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * What is known of the collectors of one node and boot, in one partition: sequence, losses,
 * counters, and how late it is there.
 */
final class Source {
  /** What a batch's sequence number says. */
  enum Continuity {
    NEXT,
    /** A collector that was not known before, or a new life of one. */
    FIRST,
    JUMPED,
    /** Not greater than the last one. */
    REPEATED
  }

  private static final long UNKNOWN = -1;

  private final SourceKey key;
  private String driver = "";
  private long collectorStart = UNKNOWN;
  private long lastSequence = UNKNOWN;
  private long missing;
  private Map<String, Long> counters = Map.of();
  private long eventTime = Long.MIN_VALUE;
  private long reportedAt = Long.MIN_VALUE;
  private boolean changed;
  // Not stored: how far the wall clock alone has carried the time since the last batch.
  private long heardAtMs;
  private long quietNs;
  // Not stored: of this life of the collector, Kafka's time of the first and the last batch.
  private long livesFromNs = UNKNOWN;
  private long livesToNs;

  Source(SourceKey key) {
    this.key = key;
  }

  /** Takes a batch's header in; {@link #missing()} has grown by what a jump left out. */
  Continuity receive(SegmentBatch batch) {
    Continuity continuity = continuity(batch);
    if (continuity == Continuity.FIRST) {
      collectorStart = batch.getCollectorStart();
      missing = 0;
      eventTime = Long.MIN_VALUE; // a capture that is played again begins in the past
      changed = true;
      livesFromNs = UNKNOWN;
    }
    if (continuity == Continuity.JUMPED || continuity == Continuity.FIRST) {
      missing += batch.getSequence() - (continuity == Continuity.FIRST ? 0 : lastSequence + 1);
      changed |= continuity == Continuity.JUMPED;
    }
    lastSequence =
        Math.max(continuity == Continuity.FIRST ? UNKNOWN : lastSequence, batch.getSequence());
    driver = batch.getDriver();
    if (continuity != Continuity.REPEATED && !counters.equals(batch.getCounters())) {
      counters = new HashMap<>(batch.getCounters());
      changed = true;
    }
    return continuity;
  }

  private Continuity continuity(SegmentBatch batch) {
    if (batch.getCollectorStart() > collectorStart) {
      return Continuity.FIRST;
    }
    // what a former life sent late says nothing about this one's sequence
    if (batch.getCollectorStart() < collectorStart || batch.getSequence() <= lastSequence) {
      return Continuity.REPEATED;
    }
    return batch.getSequence() == lastSequence + 1 ? Continuity.NEXT : Continuity.JUMPED;
  }

  /** Something happened there at this time. */
  void saw(long eventTimeNs) {
    eventTime = Math.max(eventTime, eventTimeNs);
  }

  /** A batch of the collector that runs was processed. */
  void lives(long recordNs) {
    if (livesFromNs == UNKNOWN) {
      livesFromNs = recordNs;
      livesToNs = recordNs;
    }
    livesToNs = Math.max(livesToNs, recordNs);
  }

  /** For how long the collector that runs has told of its node. */
  long livedNs() {
    return livesFromNs == UNKNOWN ? 0 : livesToNs - livesFromNs;
  }

  /** A batch was processed now. */
  void heard(long wallMs) {
    heardAtMs = wallMs;
    quietNs = 0;
  }

  /**
   * All that was produced before this moment has been processed, and nothing of it came from here
   * since {@link #heard}.
   */
  void quietUntil(long wallMs) {
    quietNs = Math.max(quietNs, (wallMs - heardAtMs) * 1_000_000);
  }

  /** Stream time there, ns since the epoch; Long.MIN_VALUE before the first event. */
  long now() {
    return eventTime == Long.MIN_VALUE ? eventTime : eventTime + quietNs;
  }

  /** Null when nothing changed, or the last report is younger than {@code intervalNs}. */
  CollectorStats report(int partition, long atNs, long intervalNs) {
    if (!changed || reportedAt != Long.MIN_VALUE && atNs - reportedAt < intervalNs) {
      return null;
    }
    changed = false;
    reportedAt = atNs;
    return CollectorStats.newBuilder()
        .setTime(atNs)
        .setNode(key.node())
        .setBootId(key.bootId())
        .setCollectorStart(collectorStart)
        .setDriver(driver)
        .setPartition(partition)
        .setBatchesMissing(missing)
        .setCounters(counters)
        .build();
  }

  SourceKey key() {
    return key;
  }

  long collectorStart() {
    return collectorStart;
  }

  /** Batches of this life of the collector that never came. */
  long missing() {
    return missing;
  }

  /** Last sign of life, wall clock, ms. */
  long heardAtMs() {
    return heardAtMs;
  }

  void save(DataOutput out) throws IOException {
    out.writeByte(1);
    out.writeUTF(driver);
    out.writeLong(collectorStart);
    out.writeLong(lastSequence);
    out.writeLong(missing);
    out.writeLong(eventTime);
    out.writeLong(reportedAt);
    out.writeBoolean(changed);
    out.writeInt(counters.size());
    for (Map.Entry<String, Long> counter : counters.entrySet()) {
      out.writeUTF(counter.getKey());
      out.writeLong(counter.getValue());
    }
  }

  static Source load(SourceKey key, DataInput in) throws IOException {
    int version = in.readByte();
    if (version != 1) {
      throw new IOException("source of version " + version + ", can read 1");
    }
    Source source = new Source(key);
    source.driver = in.readUTF();
    source.collectorStart = in.readLong();
    source.lastSequence = in.readLong();
    source.missing = in.readLong();
    source.eventTime = in.readLong();
    source.reportedAt = in.readLong();
    source.changed = in.readBoolean();
    Map<String, Long> counters = new HashMap<>();
    for (int n = in.readInt(); n > 0; n--) {
      counters.put(in.readUTF(), in.readLong());
    }
    source.counters = counters;
    return source;
  }
}
