package io.kymo.benchmarks.hot;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.kymo.processor.sink.RowTranscoder;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.Segment;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.AvroWriter;
import io.kymo.schemas.wire.SchemaIds;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Avro of the two records that there are most of: batches of segments decoded, rows encoded, and
 * rows turned into RowBinary. The baseline copies the same encoded bytes.
 */
@State(Scope.Thread)
public class AvroHotPath {
  /** Records of one operation. */
  public static final int RECORDS = 200;

  /** Segments of one batch. */
  public static final int SEGMENTS = 200;

  private static final int PAYLOAD = 300;

  @Param({"batch_decode", "row_encode", "row_to_rowbinary"})
  public String step;

  private Step measured;
  private byte[] encoded;
  private byte[] target;

  private interface Step {
    Object run() throws UnreadableRecordException, IOException;
  }

  @Setup
  public void prepare() throws IOException {
    MockSchemaRegistryClient registry = new MockSchemaRegistryClient();
    if (step.equals("batch_decode")) {
      encoded = writer(registry, SegmentBatch.class, SegmentBatch.getClassSchema()).write(batch());
      AvroReader<SegmentBatch> reader = new AvroReader<>(registry, SegmentBatch.getClassSchema());
      measured = () -> reader.read(encoded, null);
    } else {
      Exchange row = row();
      AvroWriter<Exchange> writer = writer(registry, Exchange.class, Exchange.getClassSchema());
      encoded = writer.write(row);
      RowTranscoder transcoder = new RowTranscoder(Exchange.getClassSchema(), columns());
      measured =
          step.equals("row_encode")
              ? () -> writer.write(row)
              : () -> {
                transcoder.transcode(encoded, AvroReader.HEADER, 1, 2);
                return transcoder.row();
              };
    }
    target = new byte[encoded.length];
  }

  private static <T extends SpecificRecordBase> AvroWriter<T> writer(
      MockSchemaRegistryClient registry, Class<T> type, Schema schema) throws IOException {
    return new AvroWriter<>(type, SchemaIds.register(registry, type.getSimpleName(), schema));
  }

  private static SegmentBatch batch() {
    SegmentBatch batch = new SegmentBatch();
    batch.setNode("node");
    batch.setBootId("8f0c1b8e-7d3e-4c55-9f57-0c5d3c0d4a51");
    batch.setDriver("ebpf");
    batch.setCounters(Map.of("received_bytes", 1L, "received_segments", 2L));
    batch.setConnections(List.of());
    batch.setEvents(List.of());
    batch.setTcp(List.of());
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < SEGMENTS; i++) {
      ByteBuffer payload = ByteBuffer.allocate(PAYLOAD);
      segments.add(
          new Segment(i & 15, i & 1, 1L << 50, i * 300L, PAYLOAD, payload, 4_711, 1, i & 1));
    }
    batch.setSegments(segments);
    return batch;
  }

  private static Exchange row() {
    Exchange row = new Exchange();
    for (Schema.Field field : row.getSchema().getFields()) {
      row.put(
          field.pos(),
          switch (field.schema().getType()) {
            case STRING -> field.pos() % 3 == 0 ? "" : "of " + field.name();
            case LONG -> 1L << field.pos();
            case INT -> 40_000 + field.pos();
            case BOOLEAN -> false;
            default ->
                Map.of(
                    "http.request.method", "GET",
                    "http.response.status_code", "200",
                    "http.route", "/index.html",
                    "server.address", "shop.example",
                    "url.path", "/index.html");
          });
    }
    return row;
  }

  private static Map<String, String> columns() {
    Map<String, String> columns = new HashMap<>();
    for (Schema.Field field : Exchange.getClassSchema().getFields()) {
      columns.put(
          field.name(),
          switch (field.schema().getType()) {
            case STRING -> "String";
            case LONG -> "Int64";
            case INT -> "Int32";
            case BOOLEAN -> "Bool";
            default -> "Map(LowCardinality(String), String)";
          });
    }
    return columns;
  }

  @Benchmark
  public Object measured() throws UnreadableRecordException, IOException {
    Object last = null;
    for (int i = 0; i < RECORDS; i++) {
      last = measured.run();
    }
    return last;
  }

  @Benchmark
  public byte[] baseline() {
    for (int i = 0; i < RECORDS; i++) {
      System.arraycopy(encoded, 0, target, 0, encoded.length);
    }
    return target;
  }
}
