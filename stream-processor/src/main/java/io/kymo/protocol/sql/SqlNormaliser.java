package io.kymo.protocol.sql;

import java.nio.charset.StandardCharsets;

/**
 * Takes the literals out of SQL and finds its verb and tables.
 *
 * <p>Literals of every kind (strings, numbers, bit and hex strings, dollar quotes) become {@code
 * ?}; so do quotes that are not closed, because a text may be cut anywhere. Lists of literals or
 * parameters after {@code IN} and in {@code ARRAY[…]} become one {@code ?}, rows after {@code
 * VALUES} become the first. White space is folded. Keywords, identifiers, parameters and a closing
 * {@code ;} stay as written.
 *
 * <p>Comments are left out altogether, optimizer hints too: nobody knows what they hold. From
 * sqlcommenter's the trace context is read first. MySQL's executable comments ({@code /*! …
 * *}{@code /}) are code and treated as such.
 *
 * <p>Safe to share between threads. The result for a text that was seen lately comes from a cache
 * ({@link StatementCache}).
 */
public final class SqlNormaliser {
  /** Bytes of normalised text. */
  public static final int MAX_TEXT = 16 * 1024;

  /** Bytes of raw text that are looked at: bounds the time, about 0.3 ms. */
  public static final int MAX_RAW = 64 * 1024;

  private final boolean literalsOut;
  private final StatementCache cache = new StatementCache(1024);

  /**
   * @param literalsOut {@link io.kymo.protocol.Privacy#sqlLiterals}; when false, texts are kept as
   *     they are, comments included, but for those that speak of passwords
   */
  public SqlNormaliser(boolean literalsOut) {
    this.literalsOut = literalsOut;
  }

  /** The statement in {@code sql[from, to)}, known to be whole. */
  public SqlStatement normalise(byte[] sql, int from, int to, SqlDialect dialect) {
    return normalise(sql, from, to, dialect, false);
  }

  /**
   * The statement in {@code sql[from, to)}.
   *
   * @param cut more text followed that was not captured
   */
  public SqlStatement normalise(byte[] sql, int from, int to, SqlDialect dialect, boolean cut) {
    if (to - from > MAX_RAW) {
      return tokenise(sql, from, from + MAX_RAW, dialect, true);
    }
    int kind = dialect.ordinal() << 1 | (cut ? 1 : 0);
    int hash = StatementCache.hash(sql, from, to, kind);
    SqlStatement known = cache.get(hash, kind, sql, from, to);
    if (known != null) {
      return known;
    }
    SqlStatement made = tokenise(sql, from, to, dialect, cut);
    cache.put(hash, kind, sql, from, to, made);
    return made;
  }

  private SqlStatement tokenise(byte[] sql, int from, int to, SqlDialect dialect, boolean cut) {
    SqlTokenizer t = new SqlTokenizer(sql, from, to, dialect, cut);
    t.run();
    String text =
        literalsOut || t.targets().credentials()
            ? t.text()
            : new String(sql, from, Math.min(to - from, MAX_TEXT), StandardCharsets.UTF_8);
    SqlTargets s = t.targets();
    return new SqlStatement(text, s.operation(), s.table(), s.summary(), t.traceId(), t.spanId());
  }
}
