package io.kymo.stack.engine;

import io.kymo.stack.engine.SqlLexer.Token;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/**
 * What kind of statement a text is and where its clauses are; offsets are bytes. Only the engine
 * parses: this finds the FORMAT clause and the beginning of an INSERT's data (as ClickHouse's
 * ParserInsertQuery does), no more.
 */
final class SqlText {
  /** How a statement must be run. */
  enum Kind {
    EMPTY,
    /** Its result can be large. */
    SELECT,
    /** Its data follows, in this text and behind it. */
    INSERT,
    /** Writes a file where the server runs, which no HTTP interface may do. */
    INTO_OUTFILE,
    /** Ends the server. */
    SHUTDOWN,
    OTHER
  }

  private static final String FILE = "file";
  private static final Set<String> SELECTS = Set.of("SELECT", "WITH", "FROM");
  private static final Set<String> NO_DATA = Set.of("SELECT", "WITH", "FROM", "WATCH", "EXPLAIN");

  private final Kind kind;
  private final byte[] text;
  private final int end;
  private final int formatAt;
  private final String format;
  private final int dataAt;
  private final boolean several;

  private SqlText(
      Kind kind, byte[] text, int end, int formatAt, String format, int dataAt, boolean several) {
    this.kind = kind;
    this.text = text;
    this.end = end;
    this.formatAt = formatAt;
    this.format = format;
    this.dataAt = dataAt;
    this.several = several;
  }

  static boolean startsWithInsert(byte[] text, int length) {
    SqlLexer lexer = new SqlLexer(text, 0, length);
    return lexer.next() == Token.WORD && lexer.is("INSERT");
  }

  /**
   * Whether the text may read files by the function file, which knows no privileges, or FROM
   * INFILE. The bare name is enough, for it can be handed to other functions.
   */
  static boolean readsFiles(byte[] text, int length) {
    SqlLexer lexer = new SqlLexer(text, 0, length);
    boolean from = false;
    for (Token token = lexer.next(); token != Token.END; token = lexer.next()) {
      if (token == Token.WORD) {
        if (lexer.word().equals(FILE) || from && lexer.is("INFILE")) {
          return true;
        }
        from = lexer.is("FROM");
      } else if (token == Token.QUOTED_NAME) {
        String name = lexer.word();
        if (name.indexOf('\\') >= 0 || name.substring(1).startsWith(FILE) && name.length() == 6) {
          return true;
        }
      }
    }
    return false;
  }

  /** Reads an INSERT up to its data, any other statement as a whole. */
  static SqlText of(byte[] text, int length) {
    SqlLexer lexer = new SqlLexer(text, 0, length);
    Token token = lexer.next();
    while (token == Token.OTHER && lexer.first() == '(') {
      token = lexer.next();
    }
    if (token == Token.END) {
      return new SqlText(Kind.EMPTY, text, 0, -1, null, -1, false);
    }
    if (token == Token.WORD && lexer.is("INSERT")) {
      return insert(text, length, lexer);
    }
    if (token == Token.WORD && lexer.is("SYSTEM") && lexer.next() == Token.WORD) {
      boolean ends = lexer.is("SHUTDOWN") || lexer.is("KILL");
      return statement(text, length, ends ? Kind.SHUTDOWN : Kind.OTHER);
    }
    boolean select = token == Token.WORD && SELECTS.contains(lexer.word().toUpperCase(Locale.ROOT));
    return statement(text, length, select ? Kind.SELECT : Kind.OTHER);
  }

  private static SqlText insert(byte[] text, int length, SqlLexer lexer) {
    Token token = lexer.next();
    if (lexer.is("INTO")) {
      token = lexer.next();
    }
    if (lexer.is("TABLE")) {
      token = lexer.next();
    }
    if (lexer.is("FUNCTION")) {
      token = lexer.next();
    }
    int depth = 0;
    // The first token is the table's name, whatever it is; so is what follows a dot.
    boolean name = true;
    boolean opened = false;
    int end = lexer.end();
    while (token != Token.END) {
      String word = token == Token.WORD && !name ? lexer.word().toUpperCase(Locale.ROOT) : "";
      if (NO_DATA.contains(word) && (depth == 0 || opened)) {
        return statement(text, length, Kind.OTHER);
      }
      if (depth == 0 && word.equals("VALUES")) {
        return new SqlText(Kind.INSERT, text, end, lexer.start(), "Values", lexer.end(), false);
      }
      if (depth == 0 && word.equals("FORMAT")) {
        int at = lexer.start();
        if (lexer.next() != Token.WORD) {
          return statement(text, length, Kind.OTHER);
        }
        int data = dataAfterFormat(text, lexer.end(), length);
        return new SqlText(Kind.INSERT, text, end, at, lexer.word(), data, false);
      }
      char c = token == Token.OTHER ? lexer.first() : 0;
      depth += nesting(c);
      name = c == '.';
      opened = c == '(';
      end = c == ';' ? end : lexer.end();
      token = lexer.next();
    }
    return new SqlText(Kind.INSERT, text, end, -1, null, -1, false);
  }

  /** Blanks, then at most one line end, are not data. */
  private static int dataAfterFormat(byte[] text, int from, int length) {
    int at = from;
    while (at < length && (text[at] == ' ' || text[at] == '\t' || text[at] == '\f')) {
      at++;
    }
    if (at < length && text[at] == '\r') {
      at++;
    }
    if (at < length && text[at] == '\n') {
      at++;
    }
    return at;
  }

  private static SqlText statement(byte[] text, int length, Kind kind) {
    SqlLexer lexer = new SqlLexer(text, 0, length);
    FormatClause clause = new FormatClause();
    Kind found = kind;
    int depth = 0;
    int end = 0;
    boolean semicolon = false;
    boolean several = false;
    boolean into = false;
    for (Token token = lexer.next(); token != Token.END; token = lexer.next()) {
      if (token == Token.OTHER && lexer.first() == ';' && depth == 0) {
        semicolon = true;
        continue;
      }
      several |= semicolon;
      boolean word = token == Token.WORD && depth == 0;
      if (into && word && lexer.is("OUTFILE")) {
        found = Kind.INTO_OUTFILE;
      }
      into = word && lexer.is("INTO");
      clause.accept(word, lexer);
      if (token == Token.OTHER) {
        depth += nesting(lexer.first());
      }
      end = lexer.end();
    }
    return new SqlText(found, text, end, clause.at(), clause.format(), -1, several);
  }

  private static int nesting(char c) {
    return switch (c) {
      case '(', '[', '{' -> 1;
      case ')', ']', '}' -> -1;
      default -> 0;
    };
  }

  /** Finds FORMAT name at the end of a statement, where only SETTINGS may follow. */
  private static final class FormatClause {
    private enum State {
      NONE,
      FORMAT,
      NAME,
      SETTINGS
    }

    private State state = State.NONE;
    private int keywordAt;
    private int nameAt;
    private String name;

    void accept(boolean word, SqlLexer lexer) {
      switch (state) {
        case NONE -> state = word && lexer.is("FORMAT") ? keyword(lexer.start()) : State.NONE;
        case FORMAT -> state = word ? name(lexer) : State.NONE;
        case NAME -> {
          if (word && lexer.is("SETTINGS")) {
            state = State.SETTINGS;
          } else if (word && name.equalsIgnoreCase("FORMAT")) {
            // a name FORMAT before the keyword
            keyword(nameAt);
            state = name(lexer);
          } else {
            state = word && lexer.is("FORMAT") ? keyword(lexer.start()) : State.NONE;
          }
        }
        case SETTINGS -> state = State.SETTINGS;
      }
    }

    private State keyword(int at) {
      keywordAt = at;
      return State.FORMAT;
    }

    private State name(SqlLexer lexer) {
      nameAt = lexer.start();
      name = lexer.word();
      return State.NAME;
    }

    int at() {
      return state == State.NAME || state == State.SETTINGS ? keywordAt : -1;
    }

    String format() {
      return at() < 0 ? null : name;
    }
  }

  Kind kind() {
    return kind;
  }

  /** Not a copy. */
  byte[] text() {
    return text;
  }

  /** Behind the last token, before a final semicolon. */
  int end() {
    return end;
  }

  /** What the statement names, or null. */
  String format() {
    return format;
  }

  /** Beginning of an INSERT's data, or -1 when it names neither FORMAT nor VALUES. */
  int dataAt() {
    return dataAt;
  }

  /** Whether a semicolon stands between tokens. */
  boolean several() {
    return several;
  }

  /** The statement without a final semicolon and what comments follow. */
  byte[] statement() {
    return Arrays.copyOf(text, end);
  }

  /** An INSERT without FORMAT or VALUES and data. */
  String head() {
    return new String(text, 0, headEnd(), StandardCharsets.UTF_8);
  }

  int headEnd() {
    return formatAt >= 0 ? formatAt : end;
  }

  /** A query that writes its result into a file of this name. */
  byte[] intoFile(String file) {
    byte[] clause = ("\nINTO OUTFILE '" + file + "' APPEND\n").getBytes(StandardCharsets.UTF_8);
    int at = formatAt >= 0 ? formatAt : end;
    byte[] whole = new byte[end + clause.length];
    System.arraycopy(text, 0, whole, 0, at);
    System.arraycopy(clause, 0, whole, at, clause.length);
    System.arraycopy(text, at, whole, at + clause.length, end - at);
    return whole;
  }
}
