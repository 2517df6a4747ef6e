package io.kymo.schemas.wire;

import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Reads values of one record type, whatever version of its schema wrote them. Schemas come from the
 * registry once per id. Not safe for use by several threads.
 */
public final class AvroReader<T extends SpecificRecordBase> {
  /** Bytes before the record's body: 0x00 and the schema's id. */
  public static final int HEADER = 5;

  private final SchemaRegistryClient registry;
  private final Schema readerSchema;
  private final Map<Integer, DatumReader<T>> readers = new HashMap<>();
  private final Set<Integer> current = new HashSet<>(); // ids of the reader's own schema
  private BinaryDecoder decoder;
  private int lastId = -1;
  private DatumReader<T> lastReader;
  private boolean lastCurrent;

  public AvroReader(SchemaRegistryClient registry, Schema readerSchema) {
    this.registry = registry;
    this.readerSchema = readerSchema;
  }

  /**
   * @param reuse filled and returned when not null
   * @throws UnreadableRecordException when the bytes can never be read: bad framing, unknown
   *     schema, malformed
   * @throws IOException when the registry did not answer: try again
   */
  public T read(byte[] value, T reuse) throws UnreadableRecordException, IOException {
    DatumReader<T> reader = reader(value);
    decoder = DecoderFactory.get().binaryDecoder(value, HEADER, value.length - HEADER, decoder);
    try {
      T record = reader.read(reuse, decoder);
      if (!decoder.isEnd()) {
        throw new UnreadableRecordException("malformed", "bytes behind the record", null);
      }
      return record;
    } catch (IOException | RuntimeException e) {
      throw new UnreadableRecordException("malformed", String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Did the reader's own version of the schema write this value, so that its body may be taken as
   * it is?
   *
   * @throws UnreadableRecordException when it can never be read: bad framing, unknown schema
   * @throws IOException when the registry did not answer: try again
   */
  public boolean isCurrent(byte[] value) throws UnreadableRecordException, IOException {
    reader(value);
    return lastCurrent;
  }

  private DatumReader<T> reader(byte[] value) throws UnreadableRecordException, IOException {
    if (value == null || value.length < HEADER || value[0] != 0) {
      throw new UnreadableRecordException("not_framed", "not in the Confluent wire format", null);
    }
    int id =
        (value[1] & 0xff) << 24
            | (value[2] & 0xff) << 16
            | (value[3] & 0xff) << 8
            | value[4] & 0xff;
    return id == lastId ? lastReader : reader(id);
  }

  private DatumReader<T> reader(int id) throws UnreadableRecordException, IOException {
    DatumReader<T> reader = readers.get(id);
    if (reader == null) {
      reader = resolve(id);
      readers.put(id, reader);
    }
    lastId = id;
    lastReader = reader;
    lastCurrent = current.contains(id);
    return reader;
  }

  private DatumReader<T> resolve(int id) throws UnreadableRecordException, IOException {
    try {
      ParsedSchema parsed = registry.getSchemaById(id);
      if (!(parsed.rawSchema() instanceof Schema writer)) {
        throw new UnreadableRecordException(
            "incompatible_schema", "schema " + id + " is not Avro", null);
      }
      if (!writer.getFullName().equals(readerSchema.getFullName())) {
        throw new UnreadableRecordException(
            "incompatible_schema", "schema " + id + " is of " + writer.getFullName(), null);
      }
      if (SchemaCompatibility.checkReaderWriterCompatibility(readerSchema, writer).getType()
          != SchemaCompatibilityType.COMPATIBLE) {
        throw new UnreadableRecordException(
            "incompatible_schema", "schema " + id + " does not resolve to ours", null);
      }
      if (writer.equals(readerSchema)) {
        current.add(id);
      }
      return new SpecificDatumReader<>(writer, readerSchema, AvroSettings.model(readerSchema));
    } catch (RestClientException e) {
      if (e.getStatus() == 404) {
        throw new UnreadableRecordException("unknown_schema", "schema id " + id, e);
      }
      throw new IOException("schema registry: " + e.getMessage(), e);
    } catch (AvroRuntimeException e) {
      throw new UnreadableRecordException("incompatible_schema", String.valueOf(e.getMessage()), e);
    }
  }
}
