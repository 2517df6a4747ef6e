package io.kymo.processor.sink;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.schemas.wire.AvroBody;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.IOException;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Rows of one table from the records of its topic. Records that this version of the schema wrote
 * are taken as they are; those of another one are read and written again in this one first.
 */
final class RowSource {
  private final String table;
  private final RowTranscoder transcoder;
  private final AvroReader<SpecificRecordBase> reader;
  private final AvroBody<SpecificRecordBase> body;

  RowSource(TableMapping mapping, SchemaRegistryClient registry, RowTranscoder transcoder) {
    this.table = mapping.table();
    this.transcoder = transcoder;
    this.reader = new AvroReader<>(registry, mapping.schema());
    this.body = new AvroBody<>(mapping.schema());
  }

  String table() {
    return table;
  }

  RowTranscoder transcoder() {
    return transcoder;
  }

  /**
   * Makes a row of the record; it is with the {@link #transcoder}.
   *
   * @throws UnreadableRecordException when the record can never be read
   * @throws IOException when the registry did not answer: try again
   */
  void read(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecordException, IOException {
    byte[] value = record.value();
    int from = AvroReader.HEADER;
    if (!reader.isCurrent(value)) {
      value = body.write(reader.read(value, null));
      from = 0;
    }
    transcoder.transcode(value, from, record.partition(), record.offset());
  }
}
