package io.kymo.schemas.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Avro's binary encoding without any header, for records inside of other bytes, written and read by
 * the same version of the program. Buffers are reused; not safe for use by several threads.
 */
public final class AvroBody<T extends SpecificRecordBase> {
  private final SpecificDatumWriter<T> writer;
  private final SpecificDatumReader<T> reader;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
  private BinaryEncoder encoder;
  private BinaryDecoder decoder;

  public AvroBody(Class<T> type) {
    this(SpecificData.get().getSchema(type));
  }

  /**
   * @param schema of the generated class
   */
  public AvroBody(Schema schema) {
    writer = new SpecificDatumWriter<>(schema, AvroSettings.model(schema));
    reader = new SpecificDatumReader<>(schema, schema, AvroSettings.model(schema));
  }

  public byte[] write(T record) {
    out.reset();
    encoder = EncoderFactory.get().binaryEncoder(out, encoder);
    try {
      writer.write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  /**
   * @throws IOException when these bytes are no such record
   */
  public T read(byte[] bytes) throws IOException {
    decoder = DecoderFactory.get().binaryDecoder(bytes, decoder);
    return reader.read(null, decoder);
  }
}
