package io.kymo.stack.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A connection for one request, put into the state that the request asks for. */
final class Lease implements AutoCloseable {
  /** What happens to the connection afterwards. */
  interface Owner {
    void giveBack(EngineConnection connection, boolean clean);
  }

  private static final String READONLY = "readonly";

  private final EngineConnection connection;
  private final Owner owner;
  private final boolean keepsState;
  private final List<String> undo = new ArrayList<>();
  private boolean clean = true;

  /**
   * @param keepsState whether later requests go on with this connection: then what this request
   *     alone asked for is taken back
   */
  Lease(EngineConnection connection, Owner owner, boolean keepsState) {
    this.connection = connection;
    this.owner = owner;
    this.keepsState = keepsState;
  }

  EngineConnection connection() {
    return connection;
  }

  /** The statement may have changed the connection's state. */
  void dirty() {
    clean = false;
  }

  void useDatabase(String database) throws EngineException {
    if (database.isEmpty() || database.equals("default") && !keepsState) {
      return; // pooled connections are in the database default
    }
    if (keepsState) {
      undo.add("USE " + name(connection.queryText("SELECT currentDatabase()")));
    }
    dirty();
    connection.queryText("USE " + name(database));
  }

  /**
   * A statement failed: the engine's connection may hold on to it until the next one, or until it
   * is closed.
   */
  void failed() {
    dirty();
    if (keepsState) {
      undo.add("SELECT 1");
    }
  }

  /** An unknown setting or a bad value is the engine's error. */
  void apply(Map<String, String> settings) throws EngineException {
    if (settings.isEmpty()) {
      return;
    }
    dirty();
    StringBuilder set = new StringBuilder();
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String key = setting.getKey();
      if (!key.matches("[A-Za-z_][A-Za-z0-9_]*")) {
        throw EngineException.of(115, "Unknown setting '" + key + "'", "UNKNOWN_SETTING");
      }
      if (!key.equals(READONLY)) {
        set.append(set.length() == 0 ? "SET " : ", ");
        set.append(key).append(" = ").append(string(setting.getValue()));
      }
      if (keepsState) {
        remember(key);
      }
    }
    if (set.length() > 0) {
      connection.queryText(set.toString());
    }
    // Last, because nothing can be set after it; a session could not take it back.
    if (settings.containsKey(READONLY) && !keepsState) {
      connection.queryText("SET readonly = " + string(settings.get(READONLY)));
    }
  }

  private void remember(String setting) throws EngineException {
    String before =
        connection.queryText(
            "SELECT if(changed, value, '\\0') FROM system.settings WHERE name = "
                + string(setting));
    undo.add("SET " + setting + " = " + (before.equals("\0") ? "DEFAULT" : string(before)));
  }

  static String string(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  private static String name(String value) {
    return "`" + value.replace("\\", "\\\\").replace("`", "\\`") + "`";
  }

  @Override
  public void close() {
    for (int i = undo.size() - 1; i >= 0; i--) {
      try {
        connection.queryText(undo.get(i));
      } catch (EngineException e) {
        // The request itself has failed on the same setting, so it was never changed.
      }
    }
    owner.giveBack(connection, clean);
  }
}
