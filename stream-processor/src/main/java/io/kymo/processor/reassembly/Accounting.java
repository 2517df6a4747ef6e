package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What became of every byte: {@code captured = decoded + skipped + gaps + truncated + opaque +
 * pending}, at any moment. Captured are the true lengths of all segments, duplicates taken off,
 * gaps put on. Everything counted here is counted in the sum over all conversations too.
 */
public final class Accounting {
  private final Accounting sum;
  private long captured;
  private long decoded;
  private long skipped;
  private long gaps;
  private long truncated;
  private long opaque;
  private long duplicates;
  private long pending;

  /** A sum. */
  public Accounting() {
    this(null);
  }

  Accounting(Accounting sum) {
    this.sum = sum;
  }

  /** A segment of this true length came, to be pending. */
  void received(long bytes) {
    captured += bytes;
    pending += bytes;
    if (sum != null) {
      sum.received(bytes);
    }
  }

  /** Positions were declared lost; they are pending until the decoder comes to them. */
  void gapFound(long bytes) {
    received(bytes);
  }

  /** Pending bytes turned out to be known already. */
  void duplicate(long bytes) {
    captured -= bytes;
    pending -= bytes;
    duplicates += bytes;
    if (sum != null) {
      sum.duplicate(bytes);
    }
  }

  void decoded(long bytes) {
    pending -= bytes;
    decoded += bytes;
    if (sum != null) {
      sum.decoded(bytes);
    }
  }

  void skipped(long bytes) {
    pending -= bytes;
    skipped += bytes;
    if (sum != null) {
      sum.skipped(bytes);
    }
  }

  void gap(long bytes) {
    pending -= bytes;
    gaps += bytes;
    if (sum != null) {
      sum.gap(bytes);
    }
  }

  void truncated(long bytes) {
    pending -= bytes;
    truncated += bytes;
    if (sum != null) {
      sum.truncated(bytes);
    }
  }

  void opaque(long bytes) {
    pending -= bytes;
    opaque += bytes;
    if (sum != null) {
      sum.opaque(bytes);
    }
  }

  public long captured() {
    return captured;
  }

  /** Captured bytes of messages. */
  public long decoded() {
    return decoded;
  }

  /** Captured bytes that belong to no message. */
  public long skipped() {
    return skipped;
  }

  /** Bytes that were never received. */
  public long gaps() {
    return gaps;
  }

  /** Bytes that were seen but not captured. */
  public long truncated() {
    return truncated;
  }

  /** Bytes of connections whose parsing has stopped. */
  public long opaque() {
    return opaque;
  }

  /** Bytes that came again; not part of the sum. */
  public long duplicates() {
    return duplicates;
  }

  /** Bytes that wait: for earlier ones, or for the rest of their unit. */
  public long pending() {
    return pending;
  }

  void save(DataOutput out) throws IOException {
    out.writeLong(captured);
    out.writeLong(decoded);
    out.writeLong(skipped);
    out.writeLong(gaps);
    out.writeLong(truncated);
    out.writeLong(opaque);
    out.writeLong(duplicates);
    out.writeLong(pending);
  }

  /**
   * Into a fresh instance. The sum knows only what this task saw, so it receives nothing but the
   * pending bytes.
   */
  void load(DataInput in) throws IOException {
    captured = in.readLong();
    decoded = in.readLong();
    skipped = in.readLong();
    gaps = in.readLong();
    truncated = in.readLong();
    opaque = in.readLong();
    duplicates = in.readLong();
    pending = in.readLong();
    if (sum != null) {
      sum.received(pending);
    }
  }

  /**
   * The conversation leaves this task (its state lives on elsewhere): its pending bytes leave the
   * sum.
   */
  void leave() {
    if (sum != null) {
      sum.captured -= pending;
      sum.pending -= pending;
    }
  }

  @Override
  public String toString() {
    return "captured=%d decoded=%d skipped=%d gaps=%d truncated=%d opaque=%d duplicates=%d pending=%d"
        .formatted(captured, decoded, skipped, gaps, truncated, opaque, duplicates, pending);
  }
}
