package io.kymo.processor.topology;

import io.kymo.schemas.wire.AvroWriter;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Rows in the Confluent wire format. A topology's threads share one serializer, so each has a
 * writer of its own.
 */
final class RowSerializer<T extends SpecificRecordBase> implements Serializer<T> {
  private final ThreadLocal<AvroWriter<T>> writers;

  RowSerializer(Class<T> type, int schemaId) {
    writers = ThreadLocal.withInitial(() -> new AvroWriter<>(type, schemaId));
  }

  @Override
  public byte[] serialize(String topic, T row) {
    return writers.get().write(row);
  }
}
