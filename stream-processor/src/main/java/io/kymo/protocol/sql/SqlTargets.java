package io.kymo.protocol.sql;

import java.nio.charset.StandardCharsets;

/**
 * Verb and tables of the first statement, from its tokens. No grammar: a table is the name that
 * follows {@code FROM}, {@code JOIN}, {@code INTO} and the like, unless it is a function or a
 * {@code WITH} query. Tables of the statement itself come before those of its subqueries.
 */
final class SqlTargets {
  static final int LONGEST_KEYWORD = 24;

  private static final int MAX_DEPTH = 63;

  /** What the words behind the current one may be. */
  private enum Expect {
    VERB,
    WITH_NAME_OR_VERB,
    OBJECT_TYPE,
    TABLE_OR_VERB,
    TABLE,
    ROUTINE,
    NONE
  }

  private final SqlNames names = new SqlNames();
  private Expect expect = Expect.VERB;
  private int expectDepth;
  private String operation = "";
  private String ddl = "";
  private String previous = "";
  private String candidate;
  private Expect candidateAs = Expect.NONE;
  private boolean candidateFromList;
  private boolean fromList;
  private boolean dotted;
  private boolean parenthesisOpened;
  private boolean with;
  private boolean done;
  private boolean credentials;
  private int depth;
  private long subqueries;

  void word(String upper, byte[] b, int from, int to) {
    credentials |= SqlWords.CREDENTIALS.contains(upper);
    if (done) {
      return;
    }
    if (candidate != null && dotted) {
      extend(text(b, from, to));
      return;
    }
    settle();
    boolean opened = parenthesisOpened;
    parenthesisOpened = false;
    boolean query = opened && SqlWords.QUERY.contains(upper);
    if (query && depth <= MAX_DEPTH) {
      subqueries |= 1L << depth;
    }
    if (query && expect != Expect.VERB) {
      verb(upper);
    } else {
      keyword(upper, b, from, to);
    }
    previous = upper;
  }

  private void keyword(String upper, byte[] b, int from, int to) {
    switch (expect) {
      case VERB -> firstVerb(upper);
      case WITH_NAME_OR_VERB -> withNameOrVerb(upper, text(b, from, to));
      case OBJECT_TYPE -> objectType(upper);
      case TABLE, TABLE_OR_VERB, ROUTINE -> {
        if (expect == Expect.TABLE_OR_VERB && SqlWords.QUERY.contains(upper)) {
          verb(upper);
        } else if (!SqlWords.BEFORE_TABLE.contains(upper) && (fromList || depth == expectDepth)) {
          candidate(text(b, from, to));
        }
      }
      case NONE -> clause(upper);
    }
  }

  private void firstVerb(String upper) {
    if (upper.equals("WITH")) {
      with = true;
      expect = Expect.WITH_NAME_OR_VERB;
    } else if (SqlWords.VERBS.contains(upper)) {
      operation = upper;
      verb(upper);
    } else {
      done = true;
    }
  }

  private void withNameOrVerb(String upper, String name) {
    if (depth > 0) {
      clause(upper);
    } else if (SqlWords.QUERY.contains(upper) && !upper.equals("WITH")) {
      operation = upper;
      verb(upper);
    } else if ((previous.equals("WITH") || previous.equals("RECURSIVE") || previous.equals(","))
        && !upper.equals("RECURSIVE")) {
      names.query(name);
    }
  }

  private void objectType(String upper) {
    if (!SqlWords.OBJECT_TYPES.contains(upper)) {
      return;
    }
    operation = ddl + " " + upper;
    names.append(operation);
    expect(SqlWords.TABLE_TYPES.contains(upper) ? Expect.TABLE : Expect.NONE);
  }

  private void verb(String upper) {
    fromList = false;
    expectDepth = depth;
    switch (upper) {
      case "CREATE", "ALTER", "DROP" -> {
        ddl = upper;
        expect = Expect.OBJECT_TYPE;
        return;
      }
      case "EXPLAIN", "DESCRIBE", "DESC" -> expect = Expect.TABLE_OR_VERB;
      case "CALL", "EXEC" -> expect = Expect.ROUTINE;
      default -> expect = SqlWords.NAME_TABLE.contains(upper) ? Expect.TABLE : Expect.NONE;
    }
    names.append(upper);
  }

  private void clause(String upper) {
    switch (upper) {
      case "FROM" -> {
        if (!previous.equals("DISTINCT") && fromNamesTable()) {
          expect(Expect.TABLE);
          fromList = true;
        }
      }
      case "JOIN", "STRAIGHT_JOIN" -> {
        expect(Expect.TABLE);
        fromList = true;
      }
      case "INTO" -> {
        if (operation.startsWith("LOAD")) {
          expect(Expect.TABLE);
        }
      }
      case "ON" -> {
        if (operation.endsWith(" INDEX") || operation.endsWith(" TRIGGER")) {
          expect(names.hasTable() ? Expect.NONE : Expect.TABLE);
        }
      }
      case "SELECT" -> {
        if (SqlWords.SELECT_WITHIN.contains(operation) || operation.startsWith("CREATE")) {
          names.append("SELECT");
        }
      }
      case "TRANSACTION" -> {
        if (operation.equals("START") && previous.equals("START")) {
          rename("START TRANSACTION");
        }
      }
      case "DATA", "XML" -> {
        if (operation.equals("LOAD") && previous.equals("LOAD")) {
          rename("LOAD " + upper);
        }
      }
      default -> {}
    }
  }

  private void expect(Expect what) {
    expect = what;
    expectDepth = depth;
    fromList = false;
  }

  private void rename(String to) {
    operation = to;
    names.restart();
    names.append(to);
  }

  private boolean fromNamesTable() {
    if (depth > 0) {
      return depth <= MAX_DEPTH && (subqueries & 1L << depth) != 0;
    }
    return SqlWords.FROM_WITHIN.contains(operation) || operation.startsWith("CREATE");
  }

  /** A quoted name, without its quotes. */
  void identifier(byte[] b, int from, int to) {
    if (done) {
      return;
    }
    String name = text(b, from, to);
    if (candidate != null && dotted) {
      extend(name);
      return;
    }
    settle();
    parenthesisOpened = false;
    if (expect == Expect.WITH_NAME_OR_VERB && depth == 0) {
      names.query(name);
    } else if (expect == Expect.TABLE
        || expect == Expect.TABLE_OR_VERB
        || expect == Expect.ROUTINE) {
      candidate(name);
    }
    previous = "";
  }

  /** A literal or a parameter. */
  void value() {
    if (done) {
      return;
    }
    settle();
    parenthesisOpened = false;
    previous = "";
    if (expect == Expect.VERB) {
      done = true;
    } else if (expect == Expect.TABLE || expect == Expect.ROUTINE) {
      expect = Expect.NONE;
    }
  }

  /**
   * @param c ' ' when it has several characters
   */
  void operator(byte c) {
    if (done) {
      return;
    }
    if (c == '.' && candidate != null) {
      dotted = true;
      return;
    }
    if (c == '(' && candidate != null && candidateFromList) {
      candidate = null; // a function
    }
    settle();
    parenthesisOpened = c == '(';
    if (c == '(') {
      depth++;
      if (depth <= MAX_DEPTH) {
        subqueries &= ~(1L << depth);
      }
    } else if (c == ')') {
      depth = Math.max(0, depth - 1);
      if (depth == 0 && with && operation.isEmpty()) {
        expect = Expect.WITH_NAME_OR_VERB;
      }
    } else if (c == ';') {
      done = !operation.isEmpty();
    } else if (c == '@' && expect == Expect.TABLE) {
      expect = Expect.NONE; // PREPARE … FROM @variable
    }
    previous = c == ',' && depth == 0 ? "," : "";
  }

  private void candidate(String name) {
    candidate = name;
    candidateAs = expect;
    candidateFromList = fromList;
    fromList = false;
    dotted = false;
    expect = Expect.NONE;
  }

  private void extend(String part) {
    candidate = candidate + "." + part;
    dotted = false;
  }

  private void settle() {
    if (candidate == null) {
      return;
    }
    String name = candidate;
    candidate = null;
    if (names.isQuery(name)) {
      return;
    }
    names.append(name);
    if (candidateAs != Expect.ROUTINE) {
      names.table(name, depth == 0 && !operation.isEmpty());
    }
  }

  /**
   * @param cut the last name may be the beginning of a longer one
   */
  void end(boolean cut) {
    if (cut) {
      candidate = null;
    }
    if (!done) {
      settle();
    }
    if (operation.isEmpty() && with) {
      operation = "WITH";
    }
  }

  /** Are passwords spoken of? */
  boolean credentials() {
    return credentials;
  }

  String operation() {
    return operation;
  }

  String table() {
    return names.table();
  }

  String summary() {
    String summary = names.summary();
    return summary.isEmpty() ? operation : summary;
  }

  private static String text(byte[] b, int from, int to) {
    return new String(b, from, Math.min(to - from, SqlNames.LONGEST), StandardCharsets.UTF_8);
  }

  static String ascii(byte[] b, int from, int to) {
    return new String(b, from, to - from, StandardCharsets.ISO_8859_1);
  }
}
