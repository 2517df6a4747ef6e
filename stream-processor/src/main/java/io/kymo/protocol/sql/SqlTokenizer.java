package io.kymo.protocol.sql;

import java.util.Locale;

/**
 * Reads one SQL text once, from left to right, and tells {@link SqlText} what to write and {@link
 * SqlTargets} what it means. Lexical rules: PostgreSQL documentation §4.1, MySQL reference manual
 * §9 (both follow SQL-92 §5.2). Whatever is not understood is one operator character; whatever is
 * not closed is a literal.
 */
final class SqlTokenizer {
  /** Of the server that an executable comment is for. */
  private static final int VERSION_DIGITS = 6;

  private final byte[] b;
  private final int end;
  private final SqlDialect dialect;
  private final boolean cut;
  private final SqlScanner scan;
  private final SqlText out;
  private final SqlTargets targets = new SqlTargets();
  private int i;
  private boolean executableComment;
  private int traceAt = -1;

  SqlTokenizer(byte[] sql, int from, int to, SqlDialect dialect, boolean cut) {
    this.b = sql;
    this.i = from;
    this.end = to;
    this.dialect = dialect;
    this.cut = cut;
    this.scan = new SqlScanner(sql, from, to);
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
    } else if (SqlScanner.wordStart(c, dialect.mysql)) {
      word();
    } else if (scan.digit(i) || c == '.' && scan.digit(i + 1) && !scan.is(i - 1, '.')) {
      i = scan.numberEnd(i);
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
    i = scan.wordEnd(i);
    if (scan.is(i, '\'') && stringPrefix(from, i)) {
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
        && scan.is(i, '&')
        && scan.is(i + 1, '\'');
  }

  private void string(int from, char quote, boolean escapes) {
    i = scan.quoteEnd(from, quote, escapes);
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
    i = scan.quoteEnd(i + 1, quote, false);
    if (!scan.closed()) {
      literal();
      return;
    }
    out.identifier(b, from, i);
    targets.identifier(b, from + 1, i - 1);
  }

  /** {@code $1}, {@code $$…$$}, {@code $tag$…$tag$}. */
  private void dollar() {
    if (scan.digit(i + 1)) {
      parameter(scan.digitsEnd(i + 1, end));
      return;
    }
    int tagEnd = scan.tagEnd(i);
    if (tagEnd < 0) {
      operator(1);
      return;
    }
    i = scan.dollarQuoteEnd(i, tagEnd);
    literal();
  }

  /** {@code --} begins a comment; in MySQL only when white space or the end follows. */
  private void minus() {
    if (scan.is(i + 1, '-') && (!dialect.mysql || i + 2 >= end || (b[i + 2] & 0xff) <= ' ')) {
      lineComment(i + 2);
    } else {
      sign();
    }
  }

  /** The sign of a number belongs to it where no value stands before it to be subtracted from. */
  private void sign() {
    if (out.valueExpected() && (scan.digit(i + 1) || scan.is(i + 1, '.') && scan.digit(i + 2))) {
      i = scan.numberEnd(i + 1);
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
    comment(from, scan.lineEnd(from));
  }

  private void slash() {
    if (!scan.is(i + 1, '*')) {
      operator(1);
      return;
    }
    if (dialect.mysql && (scan.is(i + 2, '!') || scan.is(i + 2, 'M') && scan.is(i + 3, '!'))) {
      executableComment = true;
      int k = i + (scan.is(i + 2, '!') ? 3 : 4);
      k = scan.digitsEnd(k, VERSION_DIGITS);
      operator(k - i);
      return;
    }
    comment(i + 2, scan.commentEnd(i + 2, !dialect.mysql));
  }

  private void comment(int from, int to) {
    if (traceAt < 0) {
      traceAt = TraceComment.find(b, from, to);
    }
    i = to;
    out.space();
  }

  private void star() {
    boolean close = executableComment && scan.is(i + 1, '/');
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
}
