package io.kymo.processor.sink;

import io.kymo.schemas.wire.UnreadableRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * Turns records in Avro's binary encoding into RowBinary rows of a table whose columns are the
 * record's fields, plus {@code kafka_partition} and {@code kafka_offset}, field by field and
 * without making objects of them: both write strings as a length and bytes in UTF-8. Pairs of types
 * that do not fit are found at start, not at a row. One thread.
 */
public final class RowTranscoder {
  private enum Kind {
    LONG,
    INT,
    SHORT,
    BOOLEAN,
    STRING,
    MAP_OF_STRINGS,
    MAP_OF_LONGS
  }

  private final Kind[] kinds;
  private final int timeField;
  private final List<String> columns = new ArrayList<>();
  private final AvroCursor in = new AvroCursor();
  private final RowBuffer row = new RowBuffer();
  private long time;

  /**
   * @param columnTypes ClickHouse's types by column name
   * @throws IllegalArgumentException when a field has no column, or one of a type that cannot hold
   *     it
   */
  public RowTranscoder(Schema schema, Map<String, String> columnTypes) {
    List<Schema.Field> fields = schema.getFields();
    kinds = new Kind[fields.size()];
    for (Schema.Field field : fields) {
      String type = columnTypes.get(field.name());
      if (type == null) {
        throw new IllegalArgumentException(
            "no column for field " + field.name() + " of " + schema.getName());
      }
      kinds[field.pos()] = kind(field, type);
      columns.add(field.name());
    }
    timeField = schema.getField("time").pos();
    columns.add("kafka_partition");
    columns.add("kafka_offset");
  }

  private static Kind kind(Schema.Field field, String columnType) {
    String type =
        columnType.replaceAll("^LowCardinality\\((.*)\\)$", "$1").replaceAll("\\(\\d+, .*", "");
    String pair = field.schema().getType().getName().toLowerCase(Locale.ROOT) + ">" + type;
    return switch (pair) {
      // unsigned columns take the same bytes
      case "long>DateTime64", "long>UInt64", "long>Int64" -> Kind.LONG;
      case "int>UInt32", "int>Int32" -> Kind.INT;
      case "int>UInt16" -> Kind.SHORT;
      case "boolean>Bool" -> Kind.BOOLEAN;
      case "string>String" -> Kind.STRING;
      case "map>Map(LowCardinality(String), String)" -> Kind.MAP_OF_STRINGS;
      case "map>Map(LowCardinality(String), UInt64)" -> Kind.MAP_OF_LONGS;
      default ->
          throw new IllegalArgumentException(
              "field " + field.name() + ": column of type " + columnType + " cannot hold it");
    };
  }

  List<String> columns() {
    return columns;
  }

  /**
   * Makes a row of one record; {@link #row} and {@link #time} speak of it until the next call.
   *
   * @param offset where the record's body begins in {@code value}; it ends with it
   * @throws UnreadableRecordException when the bytes are no such record
   */
  public void transcode(byte[] value, int offset, int kafkaPartition, long kafkaOffset)
      throws UnreadableRecordException {
    in.wrap(value, offset);
    row.clear();
    for (int i = 0; i < kinds.length; i++) {
      switch (kinds[i]) {
        case LONG -> {
          long number = in.number();
          row.putLong(number);
          time = i == timeField ? number : time;
        }
        case INT -> row.putInt((int) in.number());
        case SHORT -> row.putShort((int) in.number());
        case BOOLEAN -> row.putByte(in.octet() & 1);
        case STRING -> string();
        case MAP_OF_STRINGS -> map(true);
        case MAP_OF_LONGS -> map(false);
      }
    }
    if (!in.atEnd()) {
      throw AvroCursor.malformed("bytes behind the record");
    }
    row.putInt(kafkaPartition);
    row.putLong(kafkaOffset);
  }

  private void string() throws UnreadableRecordException {
    int length = in.length();
    row.putLength(length);
    row.putBytes(in.bytes(), in.position(), length);
    in.skip(length);
  }

  /** Avro writes maps in blocks, RowBinary their size first. */
  private void map(boolean ofStrings) throws UnreadableRecordException {
    int begin = in.position();
    row.putLength(entries(ofStrings));
    in.position(begin);
    for (long left = in.block(); left > 0; left = in.block()) {
      for (; left > 0; left--) {
        string();
        if (ofStrings) {
          string();
        } else {
          row.putLong(in.number());
        }
      }
    }
  }

  private int entries(boolean ofStrings) throws UnreadableRecordException {
    long all = 0;
    for (long left = in.block(); left > 0; left = in.block()) {
      all += left;
      for (; left > 0; left--) {
        in.skip(in.length());
        if (ofStrings) {
          in.skip(in.length());
        } else {
          in.number();
        }
      }
    }
    return Math.toIntExact(all);
  }

  public RowBuffer row() {
    return row;
  }

  /** The record's time, ns. */
  long time() {
    return time;
  }
}
