package io.kymo.collector.publish;

import java.util.Arrays;

/**
 * One value for Kafka, with what it holds. The array may be longer than the value, and belongs to
 * whoever made the batch: it is used anew as soon as {@link BatchSink#offer} has returned.
 *
 * @param partition of kymo.segments
 * @param array Confluent wire format; the schema id (bytes 1 to 4) is filled in before it is sent
 * @param length bytes of the value
 * @param segments how many it holds
 * @param bytes their true length
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
public record Batch(int partition, byte[] array, int length, int segments, long bytes) {
  /** A copy of the value. */
  public byte[] value() {
    return Arrays.copyOf(array, length);
  }
}
