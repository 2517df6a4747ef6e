package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.sql.SqlDialect;
import io.kymo.protocol.sql.SqlNormaliser;
import io.kymo.protocol.sql.SqlStatement;
import java.util.Locale;

/** The text of statements, by the connection's rules. */
final class Sql {
  private final SqlNormaliser normaliser;

  /** For texts with credentials, which go out even where the user wants to see literals. */
  private final SqlNormaliser secrets;

  Sql(Privacy privacy) {
    this.normaliser = new SqlNormaliser(privacy.sqlLiterals());
    this.secrets = privacy.sqlLiterals() ? normaliser : new SqlNormaliser(true);
  }

  /**
   * The statement in {@code [from, to)}.
   *
   * @param cut it goes on behind them
   */
  Statement read(Input in, int from, int to, boolean cut, MysqlSession s) {
    SqlDialect dialect =
        s.backslashEscapes ? SqlDialect.MYSQL : SqlDialect.MYSQL_NO_BACKSLASH_ESCAPES;
    SqlStatement sql =
        normaliser.normalise(in.array(), in.start() + from, in.start() + to, dialect, cut);
    if (normaliser != secrets && hasSecret(sql.text())) {
      sql = secrets.normalise(in.array(), in.start() + from, in.start() + to, dialect, cut);
    }
    return new Statement(
        sql.text(), sql.operation(), sql.table(), sql.summary(), sql.traceId(), sql.spanId(), 0);
  }

  private static boolean hasSecret(String text) {
    String upper = text.toUpperCase(Locale.ROOT);
    return upper.contains("IDENTIFIED") || upper.contains("PASSWORD");
  }
}
