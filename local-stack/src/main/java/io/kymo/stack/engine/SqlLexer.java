package io.kymo.stack.engine;

import java.nio.charset.StandardCharsets;

/**
 * Tokens of ClickHouse's SQL (src/Parsers/Lexer.cpp), as far as needed to find clauses: words,
 * quoted names, strings, numbers, single characters. Comments and white space are skipped. One
 * instance is one pass over the text.
 */
final class SqlLexer {
  /** What {@link #next} found. */
  enum Token {
    WORD,
    QUOTED_NAME,
    STRING,
    OTHER,
    END
  }

  private final byte[] text;
  private final int length;
  private int start;
  private int at;

  SqlLexer(byte[] text, int from, int length) {
    this.text = text;
    this.length = length;
    this.at = from;
    this.start = from;
  }

  /** Offset of the token's first byte. */
  int start() {
    return start;
  }

  /** Offset behind the token. */
  int end() {
    return at;
  }

  /** First byte of the token. */
  char first() {
    return start < length ? (char) (text[start] & 0xff) : 0;
  }

  String word() {
    return new String(text, start, at - start, StandardCharsets.UTF_8);
  }

  boolean is(String keyword) {
    return at - start == keyword.length() && word().equalsIgnoreCase(keyword);
  }

  Token next() {
    skipSpaceAndComments();
    start = at;
    if (at >= length) {
      return Token.END;
    }
    int c = text[at] & 0xff;
    if (isWordStart(c)) {
      while (at < length && isWordPart(text[at] & 0xff)) {
        at++;
      }
      return Token.WORD;
    }
    if (c == '\'') {
      quoted('\'');
      return Token.STRING;
    }
    if (c == '`' || c == '"') {
      quoted(c);
      return Token.QUOTED_NAME;
    }
    if (c == '$' && heredoc()) {
      return Token.STRING;
    }
    if (c >= '0' && c <= '9') {
      while (at < length && (isWordPart(text[at] & 0xff) || text[at] == '.')) {
        at++;
      }
      return Token.OTHER;
    }
    at++;
    return Token.OTHER;
  }

  private void skipSpaceAndComments() {
    while (at < length) {
      int c = text[at] & 0xff;
      int d = at + 1 < length ? text[at + 1] & 0xff : 0;
      if (c <= ' ') {
        at++;
      } else if (c == '-' && d == '-'
          || c == '/' && d == '/'
          || c == '#' && (d == ' ' || d == '!')) {
        skipTo('\n');
      } else if (c == '/' && d == '*') {
        skipBlockComment();
      } else {
        return;
      }
    }
  }

  private void skipTo(char end) {
    while (at < length && text[at] != end) {
      at++;
    }
  }

  /** They nest. */
  private void skipBlockComment() {
    int depth = 0;
    while (at + 1 < length) {
      if (text[at] == '/' && text[at + 1] == '*') {
        depth++;
        at += 2;
      } else if (text[at] == '*' && text[at + 1] == '/') {
        at += 2;
        if (--depth == 0) {
          return;
        }
      } else {
        at++;
      }
    }
    at = length;
  }

  /** A backslash escapes any byte; a doubled quote stands for itself. */
  private void quoted(int quote) {
    at++;
    while (at < length) {
      int c = text[at++] & 0xff;
      if (c == '\\') {
        at++;
      } else if (c == quote) {
        if (at < length && (text[at] & 0xff) == quote) {
          at++;
        } else {
          return;
        }
      }
    }
    at = length;
  }

  /** {@code $tag$ … $tag$}. */
  private boolean heredoc() {
    int open = at + 1;
    while (open < length && isWordPart(text[open] & 0xff) && text[open] != '$') {
      open++;
    }
    if (open >= length || text[open] != '$') {
      return false;
    }
    int tag = open + 1 - at;
    for (int i = open + 1; i + tag <= length; i++) {
      if (same(at, i, tag)) {
        at = i + tag;
        return true;
      }
    }
    return false;
  }

  private boolean same(int a, int b, int n) {
    for (int i = 0; i < n; i++) {
      if (text[a + i] != text[b + i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isWordStart(int c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
  }

  private static boolean isWordPart(int c) {
    return isWordStart(c) || c >= '0' && c <= '9' || c == '$';
  }
}
