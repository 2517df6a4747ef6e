package io.kymo.collector.publish;

/** One value for Kafka, with what it holds. */
public final class Batch {
  private final int partition;
  private final byte[] value;
  private final int segments;
  private final long bytes;

  /**
   * @param partition of kymo.segments
   * @param value Confluent wire format; the schema id (bytes 1 to 4) is filled in before it is sent
   * @param segments how many it holds
   * @param bytes their true length
   */
  Batch(int partition, byte[] value, int segments, long bytes) {
    this.partition = partition;
    this.value = value;
    this.segments = segments;
    this.bytes = bytes;
  }

  public int partition() {
    return partition;
  }

  /** The array itself. */
  public byte[] value() {
    return value;
  }

  public int segments() {
    return segments;
  }

  public long bytes() {
    return bytes;
  }
}
