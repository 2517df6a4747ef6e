package io.kymo.processor.topology;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Key of a row on its way out: 8 bytes of id, and the partition, which is that of the segments it
 * came from. Both sides of a connection come in by one partition, so their rows go out by one.
 */
record RowKey(int partition, long id) {
  static final Serializer<RowKey> SERIALIZER =
      (topic, key) -> ByteBuffer.allocate(Long.BYTES).putLong(key.id()).array();

  static <V> StreamPartitioner<RowKey, V> partitioner() {
    return (topic, key, value, partitions) -> Optional.of(Set.of(key.partition() % partitions));
  }
}
