package io.kymo.processor.sink;

import com.clickhouse.client.api.data_formats.RowBinaryFormatSerializer;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Encodes Avro records as RowBinary rows of a table whose columns are the record's fields, plus
 * {@code kafka_partition} and {@code kafka_offset}. Pairs of types that do not fit are found at
 * start, not at a row.
 */
final class RowEncoder {
  private interface ValueWriter {
    void write(RowBinaryFormatSerializer out, OutputStream raw, Object value) throws IOException;
  }

  private final ValueWriter[] writers;
  private final List<String> columns = new ArrayList<>();

  /**
   * @param columnTypes ClickHouse's types by column name
   * @throws IllegalArgumentException when a field has no column, or one of a type that cannot hold
   *     it
   */
  RowEncoder(Schema schema, Map<String, String> columnTypes) {
    List<Schema.Field> fields = schema.getFields();
    writers = new ValueWriter[fields.size()];
    for (Schema.Field field : fields) {
      String type = columnTypes.get(field.name());
      if (type == null) {
        throw new IllegalArgumentException(
            "no column for field " + field.name() + " of " + schema.getName());
      }
      writers[field.pos()] = writer(field, type);
      columns.add(field.name());
    }
    columns.add("kafka_partition");
    columns.add("kafka_offset");
  }

  List<String> columns() {
    return columns;
  }

  void encode(
      SpecificRecordBase row,
      int partition,
      long offset,
      RowBinaryFormatSerializer out,
      OutputStream raw)
      throws IOException {
    for (int i = 0; i < writers.length; i++) {
      writers[i].write(out, raw, row.get(i));
    }
    out.writeInt32(partition);
    out.writeInt64(offset);
  }

  private static ValueWriter writer(Schema.Field field, String columnType) {
    String type =
        columnType.replaceAll("^LowCardinality\\((.*)\\)$", "$1").replaceAll("\\(\\d+, .*", "");
    String pair = field.schema().getType().getName().toLowerCase(Locale.ROOT) + ">" + type;
    return switch (pair) {
      // unsigned columns take the same bytes
      case "long>DateTime64", "long>UInt64", "long>Int64" ->
          (out, raw, v) -> out.writeInt64((Long) v);
      case "int>UInt32", "int>Int32" -> (out, raw, v) -> out.writeInt32((Integer) v);
      case "int>UInt16" -> (out, raw, v) -> out.writeInt16(((Integer) v).shortValue());
      case "boolean>Bool" -> (out, raw, v) -> out.writeBool((Boolean) v);
      case "string>String" -> (out, raw, v) -> out.writeString((String) v);
      case "map>Map(LowCardinality(String), String)" -> RowEncoder::writeStringMap;
      case "map>Map(LowCardinality(String), UInt64)" -> RowEncoder::writeLongMap;
      default ->
          throw new IllegalArgumentException(
              "field " + field.name() + ": column of type " + columnType + " cannot hold it");
    };
  }

  private static void writeStringMap(RowBinaryFormatSerializer out, OutputStream raw, Object value)
      throws IOException {
    Map<?, ?> map = (Map<?, ?>) value;
    RowBinaryFormatSerializer.writeSize(raw, map.size());
    for (Map.Entry<?, ?> e : map.entrySet()) {
      out.writeString((String) e.getKey());
      out.writeString((String) e.getValue());
    }
  }

  private static void writeLongMap(RowBinaryFormatSerializer out, OutputStream raw, Object value)
      throws IOException {
    Map<?, ?> map = (Map<?, ?>) value;
    RowBinaryFormatSerializer.writeSize(raw, map.size());
    for (Map.Entry<?, ?> e : map.entrySet()) {
      out.writeString((String) e.getKey());
      out.writeInt64((Long) e.getValue());
    }
  }
}
