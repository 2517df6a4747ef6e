package io.kymo.collector.publish;

/**
 * One value for Kafka.
 *
 * @param partition of kymo.segments
 * @param value Confluent wire format; the schema id (bytes 1 to 4) is filled in before it is sent
 * @param segments how many it holds
 * @param bytes their true length
 */
public record Batch(int partition, byte[] value, int segments, long bytes) {}
