package io.kymo.protocol.sql;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/**
 * The normalised text as it grows. Lists and rows shrink while they are written, so that a bulk
 * insert of any length stays small. Writing its own output again changes nothing.
 */
final class SqlText {
  private static final byte[] MISSING = " …".getBytes(StandardCharsets.UTF_8);
  private static final int LIMIT = SqlNormaliser.MAX_TEXT - MISSING.length;

  /** Words behind which a sign belongs to the number and does not subtract. */
  private static final Set<String> BEFORE_VALUE =
      Set.of(
          "SELECT",
          "WHERE",
          "AND",
          "OR",
          "NOT",
          "IN",
          "VALUES",
          "BETWEEN",
          "LIKE",
          "THEN",
          "ELSE",
          "WHEN",
          "CASE",
          "LIMIT",
          "OFFSET",
          "BY",
          "SET",
          "RETURN",
          "RETURNING",
          "DISTINCT",
          "ALL",
          "IS",
          "ON",
          "HAVING",
          "DEFAULT",
          "FETCH",
          "INTERVAL",
          "XOR",
          "DIV",
          "MOD",
          "TO",
          "USING");

  private static final Set<String> PURE = Set.of("NULL", "DEFAULT", "TRUE", "FALSE");

  /** {@code VALUES} row [, row …]. */
  private enum Rows {
    NONE,
    ROW_EXPECTED,
    IN_ROW,
    COMMA_EXPECTED
  }

  private byte[] text;
  private int length;
  private boolean spaceBefore;
  private boolean full;
  private boolean valueExpected = true;
  private char openList;
  private boolean inList;
  private int listFrom;
  private int listItems;
  private Rows rows = Rows.NONE;
  private int rowDepth;
  private boolean rowPure;
  private int rowFrom;
  private int firstRowFrom;
  private int firstRowTo;
  private int keptTo;

  SqlText(int expected) {
    text = new byte[expected + MISSING.length];
  }

  /** No more is taken. */
  boolean full() {
    return full;
  }

  boolean valueExpected() {
    return valueExpected;
  }

  void space() {
    spaceBefore = length > 0;
  }

  void word(byte[] b, int from, int to, String upper) {
    inList = false;
    openList = upper.equals("IN") ? '(' : upper.equals("ARRAY") ? '[' : 0;
    rowPure &= PURE.contains(upper);
    if (rows == Rows.NONE && upper.equals("VALUES")) {
      rows = Rows.ROW_EXPECTED;
      firstRowTo = -1;
    } else if (rows == Rows.COMMA_EXPECTED || rows == Rows.ROW_EXPECTED && !upper.equals("ROW")) {
      rows = Rows.NONE;
    }
    write(b, from, to);
    valueExpected = BEFORE_VALUE.contains(upper);
  }

  void identifier(byte[] b, int from, int to) {
    word(b, from, to, "");
  }

  void literal() {
    beginItem();
    write((byte) '?');
    endItem();
  }

  void parameter(byte[] b, int from, int to) {
    beginItem();
    write(b, from, to);
    endItem();
  }

  void operator(byte[] b, int from, int to) {
    byte c = to - from == 1 ? b[from] : 0;
    boolean opens = openList != 0 && c == openList;
    openList = 0;
    inList &= c == ',';
    if (rows == Rows.ROW_EXPECTED && c != '(' || rows == Rows.COMMA_EXPECTED && c != ',') {
      rows = Rows.NONE;
    }
    if (c == '-' && length > 0 && text[length - 1] == '-' && !spaceBefore) {
      spaceBefore = true; // so that it never reads as a comment
    }
    write(b, from, to);
    valueExpected = c != ')' && c != ']' && c != 0;
    if (opens) {
      inList = true;
      listFrom = length;
      listItems = 0;
    }
    rows(c);
  }

  private void rows(byte c) {
    if (rows == Rows.ROW_EXPECTED) {
      rows = Rows.IN_ROW;
      rowFrom = length - 1;
      rowDepth = 1;
      rowPure = true;
    } else if (rows == Rows.COMMA_EXPECTED) {
      rows = Rows.ROW_EXPECTED;
    } else if (rows == Rows.IN_ROW) {
      rowPure &= c == ',' || c == ')';
      rowDepth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (rowDepth == 0) {
        endRow();
      }
    }
  }

  private void endRow() {
    rows = Rows.COMMA_EXPECTED;
    if (firstRowTo < 0) {
      firstRowFrom = rowFrom;
      firstRowTo = length;
    } else if (rowPure || Arrays.equals(text, rowFrom, length, text, firstRowFrom, firstRowTo)) {
      length = keptTo;
      return;
    }
    keptTo = length;
  }

  private void beginItem() {
    openList = 0;
    if (rows == Rows.ROW_EXPECTED || rows == Rows.COMMA_EXPECTED) {
      rows = Rows.NONE;
    }
    valueExpected = false;
  }

  private void endItem() {
    if (inList && ++listItems > 1) {
      length = listFrom;
      text[length++] = '?';
    }
  }

  private void write(byte[] b, int from, int to) {
    if (room(to - from)) {
      System.arraycopy(b, from, text, length, to - from);
      length += to - from;
    }
  }

  private void write(byte b) {
    if (room(1)) {
      text[length++] = b;
    }
  }

  private boolean room(int bytes) {
    int needed = length + bytes + (spaceBefore ? 1 : 0);
    if (full || needed > LIMIT) {
      full = true;
      return false;
    }
    if (needed > text.length) {
      text = Arrays.copyOf(text, needed * 2);
    }
    if (spaceBefore) {
      text[length++] = ' ';
      spaceBefore = false;
    }
    return true;
  }

  void end(boolean cut) {
    if (cut || full) {
      int from = length == 0 ? 1 : 0;
      int bytes = MISSING.length - from;
      text = Arrays.copyOf(text, length + bytes);
      System.arraycopy(MISSING, from, text, length, bytes);
      length += bytes;
    }
  }

  @Override
  public String toString() {
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }
}
