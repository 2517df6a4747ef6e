package io.kymo.schemas.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Writes values of one record type under one schema id. Buffers are reused; not safe for use by
 * several threads.
 */
public final class AvroWriter<T extends SpecificRecordBase> {
  private final DatumWriter<T> writer;
  private final int schemaId;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 12);
  private BinaryEncoder encoder;

  /**
   * @param schemaId as the registry gave it for the schema of {@code type}, see {@link SchemaIds}
   */
  public AvroWriter(Class<T> type, int schemaId) {
    Schema schema = SpecificData.get().getSchema(type);
    this.writer = new SpecificDatumWriter<>(schema, AvroSettings.model(schema));
    this.schemaId = schemaId;
  }

  /** Returns a fresh array: Kafka's producer keeps it. */
  public byte[] write(T record) {
    out.reset();
    out.write(0);
    out.write(schemaId >>> 24);
    out.write(schemaId >>> 16);
    out.write(schemaId >>> 8);
    out.write(schemaId);
    encoder = EncoderFactory.get().binaryEncoder(out, encoder);
    try {
      writer.write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
