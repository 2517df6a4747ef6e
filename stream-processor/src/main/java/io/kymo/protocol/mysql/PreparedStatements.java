package io.kymo.protocol.mysql;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The connection's prepared statements by the id that the server gave them. Bounded by number and
 * by size: the one that was not used for longest goes first. Connectors keep 250 by default, and
 * real ones leak.
 */
final class PreparedStatements {
  private static final int MOST = 512;
  private static final int MOST_WEIGHT = 128 * 1024;

  // in the order of use
  private final LinkedHashMap<Integer, Statement> byId = new LinkedHashMap<>(16, 0.75f, true);
  private int weight;

  void put(int id, Statement statement) {
    remove(id);
    byId.put(id, statement);
    weight += statement.weight();
    while (byId.size() > MOST || weight > MOST_WEIGHT && byId.size() > 1) {
      remove(byId.keySet().iterator().next());
    }
  }

  /** {@link Statement#NONE} for an id that was never seen, or is forgotten. */
  Statement get(int id) {
    Statement found = byId.get(id);
    return found == null ? Statement.NONE : found;
  }

  void remove(int id) {
    Statement gone = byId.remove(id);
    if (gone != null) {
      weight -= gone.weight();
    }
  }

  void clear() {
    byId.clear();
    weight = 0;
  }

  int weight() {
    return weight;
  }

  void save(DataOutput out) throws IOException {
    out.writeShort(byId.size());
    for (Map.Entry<Integer, Statement> e : byId.entrySet()) {
      out.writeInt(e.getKey());
      e.getValue().save(out);
    }
  }

  void load(DataInput in) throws IOException {
    clear();
    for (int n = in.readUnsignedShort(); n > 0; n--) {
      put(in.readInt(), Statement.load(in));
    }
  }
}
