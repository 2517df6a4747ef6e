package io.kymo.protocol.postgres;

import io.kymo.protocol.sql.SqlStatement;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Prepared statements, or portals, of one connection by name; the unnamed one has an empty name.
 * Bounded by count and by text; what was not used for longest goes first.
 */
final class Statements {
  private static final int ENTRY_WEIGHT = 160;

  private final int mostEntries;
  private final int mostChars;
  private final LinkedHashMap<String, SqlStatement> byName = new LinkedHashMap<>(4, 0.75f, true);
  private int chars;

  Statements(int mostEntries, int mostChars) {
    this.mostEntries = mostEntries;
    this.mostChars = mostChars;
  }

  void put(String name, SqlStatement statement) {
    remove(name);
    byName.put(name, statement);
    chars += statement.text().length();
    Iterator<Map.Entry<String, SqlStatement>> eldest = byName.entrySet().iterator();
    while (byName.size() > 1 && (byName.size() > mostEntries || chars > mostChars)) {
      chars -= eldest.next().getValue().text().length();
      eldest.remove();
    }
  }

  /** Null when it is not known. */
  SqlStatement get(String name) {
    return byName.get(name);
  }

  void remove(String name) {
    SqlStatement old = byName.remove(name);
    if (old != null) {
      chars -= old.text().length();
    }
  }

  void clear() {
    byName.clear();
    chars = 0;
  }

  int weight() {
    return byName.size() * ENTRY_WEIGHT + chars;
  }

  void save(DataOutput out) throws IOException {
    out.writeShort(byName.size());
    for (Map.Entry<String, SqlStatement> e : byName.entrySet()) {
      SqlStatement s = e.getValue();
      out.writeUTF(e.getKey());
      out.writeUTF(s.text());
      out.writeUTF(s.operation());
      out.writeUTF(s.table());
      out.writeUTF(s.summary());
      out.writeUTF(s.traceId());
      out.writeUTF(s.spanId());
    }
  }

  void load(DataInput in) throws IOException {
    clear();
    for (int n = in.readShort(); n > 0; n--) {
      put(
          in.readUTF(),
          new SqlStatement(
              in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF()));
    }
  }
}
