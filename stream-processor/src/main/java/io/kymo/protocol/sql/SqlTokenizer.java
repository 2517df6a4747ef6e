package io.kymo.protocol.sql;

import java.util.Locale;

/**
 * Reads one SQL text once, from left to right, and tells {@link SqlText} what to write and {@link
 * SqlTargets} what it means. Lexical rules: PostgreSQL documentation §4.1, MySQL reference manual
 * §9 (both follow SQL-92 §5.2). Whatever is not understood is one operator character; whatever is
 * not closed is a literal.
 */
final class SqlTokenizer {
  private final byte[] b;
  private final int end;
  private final SqlDialect dialect;
  private final boolean cut;
  private final SqlText out;
  private final SqlTargets targets = new SqlTargets();
  private int i;
  private boolean closed;
  private boolean executableComment;
  private int traceAt = -1;

  SqlTokenizer(byte[] sql, int from, int to, SqlDialect dialect, boolean cut) {
    this.b = sql;
    this.i = from;
    this.end = to;
    this.dialect = dialect;
    this.cut = cut;
    this.out = new SqlText(Math.min(to - from, SqlNormaliser.MAX_TEXT));
  }

  void run() {
    while (i < end && !out.full()) {
      next();
    }
    targets.end(cut || out.full());
    out.end(cut);
  }

  String text() {
    return out.toString();
  }

  SqlTargets targets() {
    return targets;
  }

  String traceId() {
    return traceAt < 0 ? "" : TraceComment.traceId(b, traceAt);
  }

  String spanId() {
    return traceAt < 0 ? "" : TraceComment.spanId(b, traceAt);
  }

  private void next() {
    int c = b[i] & 0xff;
    if (c <= ' ') {
      i++;
      out.space();
    } else if (wordStart(c)) {
      word();
    } else if (digit(i) || c == '.' && digit(i + 1) && !is(i - 1, '.')) {
      i = numberEnd(i);
      literal();
    } else {
      switch (c) {
        case '\'' -> string(i + 1, '\'', dialect.backslashEscapes);
        case '"' -> doubleQuote();
        case '`' -> backtick();
        case '$' -> dollar();
        case '-' -> minus();
        case '#' -> hash();
        case '/' -> slash();
        case '*' -> star();
        case '+' -> sign();
        case '?' -> parameter(i + 1);
        default -> operator(1);
      }
    }
  }

  private void word() {
    int from = i;
    do {
      i++;
    } while (i < end && wordPart(b[i] & 0xff));
    if (is(i, '\'') && stringPrefix(from, i)) {
      boolean e = !dialect.mysql && (b[from] | 0x20) == 'e';
      string(i + 1, '\'', e || dialect.backslashEscapes);
    } else if (unicodeString(from)) {
      string(i + 2, '\'', dialect.backslashEscapes);
    } else {
      String upper =
          i - from <= SqlTargets.LONGEST_KEYWORD
              ? SqlTargets.ascii(b, from, i).toUpperCase(Locale.ROOT)
              : "";
      out.word(b, from, i, upper);
      targets.word(upper, b, from, i);
    }
  }

  /** {@code b'' x'' n''} in both, {@code e''} in PostgreSQL, {@code _utf8mb4''} in MySQL. */
  private boolean stringPrefix(int from, int to) {
    if (dialect.mysql && b[from] == '_') {
      return true;
    }
    int c = b[from] | 0x20;
    return to - from == 1 && (c == 'b' || c == 'x' || c == 'n' || c == 'e' && !dialect.mysql);
  }

  /** {@code U&''} in PostgreSQL. */
  private boolean unicodeString(int from) {
    return !dialect.mysql
        && i - from == 1
        && (b[from] | 0x20) == 'u'
        && is(i, '&')
        && is(i + 1, '\'');
  }

  private void string(int from, char quote, boolean escapes) {
    i = quoteEnd(from, quote, escapes);
    literal();
  }

  private void doubleQuote() {
    if (dialect.mysql) {
      string(i + 1, '"', dialect.backslashEscapes);
    } else {
      identifier('"');
    }
  }

  private void backtick() {
    if (dialect.mysql) {
      identifier('`');
    } else {
      operator(1);
    }
  }

  private void identifier(char quote) {
    int from = i;
    i = quoteEnd(i + 1, quote, false);
    if (!closed) {
      literal();
      return;
    }
    out.identifier(b, from, i);
    targets.identifier(b, from + 1, i - 1);
  }

  /** Behind the closing quote, or the end of the text. A doubled quote is part of the text. */
  private int quoteEnd(int from, char quote, boolean escapes) {
    closed = false;
    for (int k = from; k < end; k++) {
      if (b[k] == quote) {
        if (!is(k + 1, quote)) {
          closed = true;
          return k + 1;
        }
        k++;
      } else if (escapes && b[k] == '\\') {
        k++;
      }
    }
    return end;
  }

  /** {@code $1}, {@code $$…$$}, {@code $tag$…$tag$}. */
  private void dollar() {
    if (digit(i + 1)) {
      int k = i + 2;
      while (digit(k)) {
        k++;
      }
      parameter(k);
      return;
    }
    int tag = i + 1;
    while (tag < end && b[tag] != '$' && wordPart(b[tag] & 0xff)) {
      tag++;
    }
    if (!is(tag, '$')) {
      operator(1);
      return;
    }
    int length = tag + 1 - i;
    int close = tag + 1;
    while (close + length <= end && !sameTag(close, length)) {
      close++;
    }
    i = Math.min(end, close + length);
    literal();
  }

  private boolean sameTag(int at, int length) {
    for (int k = 0; k < length; k++) {
      if (b[at + k] != b[i + k]) {
        return false;
      }
    }
    return true;
  }

  /** {@code --} begins a comment; in MySQL only when white space or the end follows. */
  private void minus() {
    if (is(i + 1, '-') && (!dialect.mysql || i + 2 >= end || (b[i + 2] & 0xff) <= ' ')) {
      lineComment(i + 2);
    } else {
      sign();
    }
  }

  /** The sign of a number belongs to it where no value stands before it to be subtracted from. */
  private void sign() {
    if (out.valueExpected() && (digit(i + 1) || is(i + 1, '.') && digit(i + 2))) {
      i = numberEnd(i + 1);
      literal();
    } else {
      operator(1);
    }
  }

  private void hash() {
    if (dialect.mysql) {
      lineComment(i + 1);
    } else {
      operator(1);
    }
  }

  private void lineComment(int from) {
    int k = from;
    while (k < end && b[k] != '\n' && b[k] != '\r') {
      k++;
    }
    comment(from, k);
  }

  private void slash() {
    if (!is(i + 1, '*')) {
      operator(1);
      return;
    }
    if (dialect.mysql && (is(i + 2, '!') || is(i + 2, 'M') && is(i + 3, '!'))) {
      executableComment = true;
      int k = i + (is(i + 2, '!') ? 3 : 4);
      int versionEnd = k + 6;
      while (k < versionEnd && digit(k)) {
        k++;
      }
      operator(k - i);
      return;
    }
    int depth = 1;
    int k = i + 2;
    while (k < end && depth > 0) {
      if (b[k] == '*' && is(k + 1, '/')) {
        depth--;
        k += 2;
      } else if (b[k] == '/' && is(k + 1, '*') && !dialect.mysql) {
        depth++;
        k += 2;
      } else {
        k++;
      }
    }
    comment(i + 2, k);
  }

  private void comment(int from, int to) {
    if (traceAt < 0) {
      traceAt = TraceComment.find(b, from, to);
    }
    i = to;
    out.space();
  }

  private void star() {
    boolean close = executableComment && is(i + 1, '/');
    executableComment &= !close;
    operator(close ? 2 : 1);
  }

  private void operator(int length) {
    out.operator(b, i, i + length);
    targets.operator(length == 1 ? b[i] : (byte) ' ');
    i += length;
  }

  private void parameter(int to) {
    out.parameter(b, i, to);
    targets.value();
    i = to;
  }

  private void literal() {
    out.literal();
    targets.value();
  }

  /**
   * Behind {@code 12}, {@code 1.5e-3}, {@code 0x1F}, {@code 1_000}; letters that follow go with it.
   */
  private int numberEnd(int from) {
    boolean decimal = true;
    int k = from;
    while (k < end) {
      int c = b[k] & 0xff;
      boolean exponent = decimal && k > from && (c | 0x20) == 'e';
      if (exponent && (is(k + 1, '-') || is(k + 1, '+')) && digit(k + 2)) {
        k++;
      } else if (c == '.' ? is(k + 1, '.') : !wordPart(c)) {
        break;
      }
      decimal &= digit(k) || c == '.' || c == '_';
      k++;
    }
    return k;
  }

  private boolean is(int at, char c) {
    return at >= 0 && at < end && b[at] == c;
  }

  private boolean digit(int at) {
    return at < end && b[at] >= '0' && b[at] <= '9';
  }

  private boolean wordStart(int c) {
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'z' || c == '_' || c >= 0x80 || c == '$' && dialect.mysql;
  }

  private static boolean wordPart(int c) {
    int lower = c | 0x20;
    return lower >= 'a' && lower <= 'z'
        || c >= '0' && c <= '9'
        || c == '_'
        || c == '$'
        || c >= 0x80;
  }
}
