package io.kymo.protocol.mysql;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What is kept of a statement: never its literals.
 *
 * @param text normalised, may be empty
 * @param operation SELECT, INSERT, …; empty when it could not be told
 * @param table first table, empty when there is none
 * @param traceId that a comment in it carries, or empty; with {@code spanId}
 * @param parameters how many {@code ?} the server found in a prepared one
 */
record Statement(
    String text,
    String operation,
    String table,
    String summary,
    String traceId,
    String spanId,
    int parameters) {
  static final Statement NONE = new Statement("", "", "", "", "", "", 0);

  /** Longest text that is kept for executions to come. */
  private static final int KEPT = 4096;

  /** As it is kept with a prepared statement's id. */
  Statement prepared(int parameters) {
    return new Statement(
        text.length() > KEPT ? text.substring(0, KEPT) : text,
        operation,
        table,
        summary,
        traceId,
        spanId,
        parameters);
  }

  /**
   * What {@code USE} names.
   *
   * @return null when it is another statement
   */
  String usedDatabase() {
    if (!operation.equals("USE") || text.length() < 5) {
      return null;
    }
    int end = text.indexOf(';');
    String name = text.substring(4, end < 4 ? text.length() : end).strip();
    boolean quoted = name.length() > 2 && name.charAt(0) == '`' && name.endsWith("`");
    String plain = quoted ? name.substring(1, name.length() - 1).replace("``", "`") : name;
    return plain.substring(0, Math.min(plain.length(), 128));
  }

  int weight() {
    return 96
        + text.length()
        + operation.length()
        + table.length()
        + summary.length()
        + traceId.length()
        + spanId.length();
  }

  void save(DataOutput out) throws IOException {
    out.writeUTF(cut(text));
    out.writeUTF(cut(operation));
    out.writeUTF(cut(table));
    out.writeUTF(cut(summary));
    out.writeUTF(traceId);
    out.writeUTF(spanId);
    out.writeShort(parameters);
  }

  static Statement load(DataInput in) throws IOException {
    return new Statement(
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readUTF(),
        in.readUnsignedShort());
  }

  // DataOutput.writeUTF takes 65,535 bytes; 16,384 chars are at most 49,152
  private static String cut(String s) {
    return s.length() <= 16_384 ? s : s.substring(0, 16_384);
  }
}
