package io.kymo.captures;

import io.kymo.schemas.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * One JSON object a line, as ClickHouse's JSONEachRow: keys are the columns of table {@code
 * requests}, which are the fields of the Avro record; all but those that tell of Kafka.
 */
final class JsonRows implements RowWriter {
  private static final byte[] TRUE = ascii("true");
  private static final byte[] FALSE = ascii("false");

  private static final int MOST_NAMES = 1_000;

  private final byte[][] keys;
  private final byte[][] keysOfNothing;
  private final boolean[] times;
  private final Map<String, byte[]> names = new HashMap<>(); // of attributes, quoted
  private final TimeText time = new TimeText();

  JsonRows() {
    List<Schema.Field> fields = Exchange.getClassSchema().getFields();
    keys = new byte[fields.size()][];
    keysOfNothing = new byte[keys.length][];
    times = new boolean[keys.length];
    for (Schema.Field field : fields) {
      String key = (field.pos() == 0 ? "{\"" : ",\"") + field.name() + "\":";
      keys[field.pos()] = ascii(key);
      keysOfNothing[field.pos()] = ascii(key + "\"\"");
      times[field.pos()] = field.name().equals("time");
    }
  }

  @Override
  public void write(Exchange row, Text out) {
    for (int i = 0; i < keys.length; i++) {
      Object value = row.get(i);
      if (value == null || value.equals("")) {
        out.raw(keysOfNothing[i]);
        continue;
      }
      out.raw(keys[i]);
      if (value instanceof String text) {
        out.quoted(text);
      } else if (value instanceof Long number) {
        number(i, number, out);
      } else if (value instanceof Integer number) {
        out.unsigned(number & 0xffffffffL);
      } else if (value instanceof Boolean bool) {
        out.raw(bool ? TRUE : FALSE);
      } else if (value instanceof Map<?, ?> map) {
        object(map, out);
      }
    }
    out.ascii('}').ascii('\n');
  }

  private void number(int field, long number, Text out) {
    if (times[field]) {
      out.ascii('"');
      time.write(number, 9, out);
      out.ascii('"');
    } else {
      out.unsigned(number);
    }
  }

  private void object(Map<?, ?> map, Text out) {
    char before = '{';
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.ascii(before).raw(name((String) entry.getKey())).quoted((String) entry.getValue());
      before = ',';
    }
    if (before == '{') {
      out.ascii('{');
    }
    out.ascii('}');
  }

  private byte[] name(String name) {
    byte[] quoted = names.get(name);
    if (quoted == null) {
      Text text = new Text();
      text.quoted(name).ascii(':');
      quoted = Arrays.copyOf(text.bytes(), text.length());
      if (names.size() < MOST_NAMES) {
        names.put(name, quoted);
      }
    }
    return quoted;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
