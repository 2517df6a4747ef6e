package io.kymo.processor.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.clickhouse.client.api.data_formats.RowBinaryFormatSerializer;
import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;

/** Compared with what ClickHouse's own client writes for the same values. */
class RowTranscoderTest {
  private static final Map<Schema.Type, String> COLUMNS =
      Map.of(
          Schema.Type.LONG, "Int64",
          Schema.Type.INT, "UInt32",
          Schema.Type.BOOLEAN, "Bool",
          Schema.Type.STRING, "LowCardinality(String)");

  @Test
  void anExchange() throws Exception {
    Exchange row = exchange();
    row.setAttributes(Map.of("url.path", "/ä/…", "empty", "", "long", "x".repeat(20_000)));
    same(row);
  }

  @Test
  void extremes() throws Exception {
    Exchange row = exchange();
    row.setTime(Long.MAX_VALUE);
    row.setDurationNs(Long.MIN_VALUE);
    row.setExchangeId(-1);
    row.setServerPort(65_535);
    row.setClientPid(Integer.MAX_VALUE);
    row.setResource("");
    row.setTls(true);
    same(row);
  }

  @Test
  void countersAndMapsInSeveralBlocks() throws Exception {
    CollectorStats row = new CollectorStats();
    for (Schema.Field field : row.getSchema().getFields()) {
      switch (field.schema().getType()) {
        case STRING -> row.put(field.pos(), field.name());
        case LONG -> row.put(field.pos(), 1L << field.pos());
        case INT -> row.put(field.pos(), field.pos());
        case MAP -> {
          Map<String, Long> counters = new LinkedHashMap<>();
          for (long i = 0; i < 300; i++) {
            counters.put("counter." + i, i * i * i);
          }
          row.put(field.pos(), counters);
        }
        default -> throw new AssertionError(field);
      }
    }
    same(row);
  }

  @Test
  void whatIsNoRecordIsRefused() throws IOException {
    Exchange row = exchange();
    row.setAttributes(Map.of("k", "v"));
    byte[] whole = avro(row, false);
    RowTranscoder transcoder = transcoder(row.getSchema());
    for (int cut = 0; cut < whole.length; cut++) {
      byte[] bytes = Arrays.copyOf(whole, cut);
      assertThatThrownBy(() -> transcoder.transcode(bytes, 0, 1, 2))
          .isInstanceOf(UnreadableRecordException.class);
    }
    byte[] longer = Arrays.copyOf(whole, whole.length + 1);
    assertThatThrownBy(() -> transcoder.transcode(longer, 0, 1, 2))
        .isInstanceOf(UnreadableRecordException.class)
        .hasMessageContaining("behind the record");
    byte[] endless = new byte[whole.length];
    Arrays.fill(endless, (byte) 0xff);
    assertThatThrownBy(() -> transcoder.transcode(endless, 0, 1, 2))
        .isInstanceOf(UnreadableRecordException.class);
  }

  @Test
  void columnsThatDoNotFitAreRefused() {
    Schema schema = Exchange.getClassSchema();
    Map<String, String> columns = columns(schema);
    columns.put("server_port", "Float32");
    assertThatThrownBy(() -> new RowTranscoder(schema, columns))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("server_port");
    columns.remove("server_port");
    assertThatThrownBy(() -> new RowTranscoder(schema, columns))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("server_port");
  }

  private static Exchange exchange() {
    Exchange row = new Exchange();
    for (Schema.Field field : row.getSchema().getFields()) {
      row.put(
          field.pos(),
          switch (field.schema().getType()) {
            case STRING -> "value of " + field.name();
            case LONG -> -1L << field.pos();
            case INT -> 3 * field.pos();
            case BOOLEAN -> false;
            case MAP -> Map.of();
            default -> throw new AssertionError(field);
          });
    }
    return row;
  }

  private static Map<String, String> columns(Schema schema) {
    Map<String, String> columns = new LinkedHashMap<>();
    for (Schema.Field field : schema.getFields()) {
      boolean map = field.schema().getType() == Schema.Type.MAP;
      boolean longs = map && field.schema().getValueType().getType() == Schema.Type.LONG;
      columns.put(
          field.name(),
          map
              ? "Map(LowCardinality(String), " + (longs ? "UInt64" : "String") + ")"
              : COLUMNS.get(field.schema().getType()));
    }
    columns.computeIfPresent("server_port", (name, type) -> "UInt16");
    return columns;
  }

  private static RowTranscoder transcoder(Schema schema) {
    return new RowTranscoder(schema, columns(schema));
  }

  private static byte[] avro(SpecificRecordBase row, boolean blocks) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    EncoderFactory factory = new EncoderFactory().configureBlockSize(64);
    BinaryEncoder encoder =
        blocks ? factory.blockingBinaryEncoder(out, null) : factory.binaryEncoder(out, null);
    new GenericDatumWriter<SpecificRecordBase>(row.getSchema()).write(row, encoder);
    encoder.flush();
    return out.toByteArray();
  }

  private static void same(SpecificRecordBase row) throws Exception {
    RowTranscoder transcoder = transcoder(row.getSchema());
    byte[] expected = rowBinary(row, 7, 1L << 40);
    for (boolean blocks : new boolean[] {false, true}) {
      transcoder.transcode(avro(row, blocks), 0, 7, 1L << 40);
      assertThat(transcoder.row().view().readAllBytes()).isEqualTo(expected);
      assertThat(transcoder.time()).isEqualTo(row.get(row.getSchema().getField("time").pos()));
    }
  }

  private static byte[] rowBinary(SpecificRecordBase row, int partition, long offset)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    RowBinaryFormatSerializer out = new RowBinaryFormatSerializer(bytes);
    for (Schema.Field field : row.getSchema().getFields()) {
      Object value = row.get(field.pos());
      switch (field.schema().getType()) {
        case LONG -> out.writeInt64((Long) value);
        case INT -> {
          if (field.name().equals("server_port")) {
            out.writeInt16(((Integer) value).shortValue());
          } else {
            out.writeInt32((Integer) value);
          }
        }
        case BOOLEAN -> out.writeBool((Boolean) value);
        case STRING -> out.writeString((String) value);
        default -> {
          Map<?, ?> map = (Map<?, ?>) value;
          RowBinaryFormatSerializer.writeSize(bytes, map.size());
          for (Map.Entry<?, ?> e : map.entrySet()) {
            out.writeString((String) e.getKey());
            if (e.getValue() instanceof Long number) {
              out.writeInt64(number);
            } else {
              out.writeString((String) e.getValue());
            }
          }
        }
      }
    }
    out.writeInt32(partition);
    out.writeInt64(offset);
    return bytes.toByteArray();
  }
}
