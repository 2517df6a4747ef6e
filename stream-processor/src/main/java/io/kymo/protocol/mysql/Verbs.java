package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import java.nio.charset.StandardCharsets;

/** The words that SQL begins with: what tells a command with text from other bytes. */
final class Verbs {
  private static final byte[][] ALL =
      bytes(
          "SELECT",
          "INSERT",
          "UPDATE",
          "DELETE",
          "REPLACE",
          "SET",
          "SHOW",
          "BEGIN",
          "START",
          "COMMIT",
          "ROLLBACK",
          "CREATE",
          "DROP",
          "ALTER",
          "TRUNCATE",
          "CALL",
          "USE",
          "WITH",
          "EXPLAIN",
          "DESCRIBE",
          "DESC",
          "LOAD",
          "GRANT",
          "REVOKE",
          "LOCK",
          "UNLOCK",
          "ANALYZE",
          "OPTIMIZE",
          "FLUSH",
          "KILL",
          "DO",
          "HANDLER",
          "XA",
          "SAVEPOINT",
          "RELEASE",
          "PREPARE",
          "EXECUTE",
          "DEALLOCATE",
          "CHECK",
          "CHECKSUM",
          "REPAIR",
          "RENAME",
          "RESET",
          "PURGE",
          "CHANGE",
          "SIGNAL",
          "TABLE",
          "VALUES");

  private Verbs() {}

  /**
   * Does SQL begin at {@code from}, white space aside?
   *
   * @param to of the text that is there
   * @param end of the text
   */
  static boolean begin(Input in, int from, int to, int end) {
    int at = from;
    while (at < to && isSpace(in.at(at))) {
      at++;
    }
    for (byte[] verb : ALL) {
      int behind = at + verb.length;
      if (behind <= to
          && equalsIgnoreCase(in, at, verb)
          && (behind == end || behind < to && isDelimiter(in.at(behind)))) {
        return true;
      }
    }
    return false;
  }

  static boolean isDelimiter(byte b) {
    return isSpace(b)
        || b == ';'
        || b == '('
        || b == '/'
        || b == '@'
        || b == '`'
        || b == '*'
        || b == '\'';
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  private static boolean equalsIgnoreCase(Input in, int at, byte[] upper) {
    for (int i = 0; i < upper.length; i++) {
      if ((in.at(at + i) & ~0x20) != upper[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[][] bytes(String... words) {
    byte[][] all = new byte[words.length][];
    for (int i = 0; i < words.length; i++) {
      all[i] = words[i].getBytes(StandardCharsets.US_ASCII);
    }
    return all;
  }
}
