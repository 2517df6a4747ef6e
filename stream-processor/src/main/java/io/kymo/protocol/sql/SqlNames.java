package io.kymo.protocol.sql;

import java.util.ArrayList;
import java.util.List;

/** The tables that a statement names, and its summary of verbs and names. */
final class SqlNames {
  static final int LONGEST = 255;

  private static final int MAX_WITH = 16;

  private final List<String> queries = new ArrayList<>(0);
  private final StringBuilder summary = new StringBuilder(32);
  private String table = "";
  private String inner = "";

  /** A WITH query of this name: where it is used it is no table. */
  void query(String name) {
    if (queries.size() < MAX_WITH) {
      queries.add(name);
    }
  }

  boolean isQuery(String name) {
    return queries.contains(name);
  }

  /**
   * @param ofStatement the statement's own, not one of a subquery
   */
  void table(String name, boolean ofStatement) {
    if (ofStatement) {
      table = table.isEmpty() ? name : table;
    } else {
      inner = inner.isEmpty() ? name : inner;
    }
  }

  /** Has the statement a table of its own? */
  boolean hasTable() {
    return !table.isEmpty();
  }

  /** Tables of the statement itself come before those of its subqueries; empty when it has none. */
  String table() {
    return table.isEmpty() ? inner : table;
  }

  /** Adds to the summary, as long as there is room. */
  void append(String part) {
    int space = summary.length() == 0 ? 0 : 1;
    if (summary.length() + space + part.length() <= LONGEST) {
      summary.append(space == 0 ? "" : " ").append(part);
    }
  }

  /** The summary begins anew. */
  void restart() {
    summary.setLength(0);
  }

  /** Empty when nothing was added. */
  String summary() {
    return summary.toString();
  }
}
