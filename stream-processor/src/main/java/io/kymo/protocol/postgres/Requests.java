package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Verdict;
import io.kymo.protocol.sql.SqlNormaliser;
import io.kymo.protocol.sql.SqlStatement;

/**
 * The client's messages (§55.2). A request ends with Query, FunctionCall or Execute; Parse, Bind,
 * Describe and Close before an Execute are part of it. Without an Execute they make a request of
 * their own, which ends with Flush or Sync and becomes a row only when it fails. Sync, Terminate
 * and copied data are no requests.
 */
final class Requests {
  private final SqlNormaliser normaliser;

  Requests(SqlNormaliser normaliser) {
    this.normaliser = normaliser;
  }

  Outcome read(Input in, PostgresSession s, Message m) {
    if (s.startup || s.fresh && in.length() > 0 && in.at(0) == 0) {
      return Logins.startup(in, s, m);
    }
    if (in.length() < Frame.HEADER) {
      return Outcome.INCOMPLETE;
    }
    if (!Frame.clientHeader(in, 0)) {
      return Outcome.MALFORMED;
    }
    if (s.clientResync && Recognition.chain(in, 0, true) == Verdict.NO) {
      return Outcome.MALFORMED;
    }
    s.clientResync = false;
    s.fresh = false;
    return switch (in.at(0)) {
      case 'Q' -> query(in, s, m);
      case 'P' -> parse(in, s, m);
      case 'B' -> bind(in, s, m);
      case 'D' -> describe(in, s, m);
      case 'C' -> close(in, s, m);
      case 'E' -> execute(in, s, m);
      case 'F' -> functionCall(in, s, m);
      case 'H' -> flush(in, s, m);
      case 'S' -> sync(in, s, m);
      case 'd' -> copyData(in, s);
      case 'c', 'f' -> copyEnd(in, s);
      default -> skip(in); // p: passwords, X
    };
  }

  private Outcome query(Input in, PostgresSession s, Message m) {
    int there = there(in, Frame.HEADER + SqlNormaliser.MAX_RAW, m);
    if (there <= 0) {
      return there == 0 ? Outcome.INCOMPLETE : Outcome.MALFORMED;
    }
    begin(s, m);
    describe(m, s, text(in, Frame.HEADER, there, s), "QUERY");
    return request(in, s, Expected.UNTIL_READY);
  }

  private Outcome parse(Input in, PostgresSession s, Message m) {
    int there = there(in, Frame.HEADER + Frame.MAX_NAME + SqlNormaliser.MAX_RAW, m);
    if (there <= 0) {
      return there == 0 ? Outcome.INCOMPLETE : Outcome.MALFORMED;
    }
    int nameEnd = in.indexOf((byte) 0, Frame.HEADER, there);
    begin(s, m);
    if (nameEnd >= 0) {
      SqlStatement statement = text(in, nameEnd + 1, there, s);
      s.prepared.put(in.utf8(Frame.HEADER, nameEnd), statement);
      describe(m, s, statement, "PREPARE");
    }
    return part(in, s);
  }

  private static Outcome bind(Input in, PostgresSession s, Message m) {
    int there = there(in, Frame.HEADER + 2 * Frame.MAX_NAME, m);
    if (there < 0) {
      return Outcome.MALFORMED;
    }
    // a long body need not be there: names are at its beginning
    int to = (int) Math.min(Frame.size(in, 0), in.length());
    int portalEnd = in.indexOf((byte) 0, Frame.HEADER, to);
    int nameEnd = portalEnd < 0 ? -1 : in.indexOf((byte) 0, portalEnd + 1, to);
    if (nameEnd < 0 && there == 0) {
      return Outcome.INCOMPLETE;
    }
    begin(s, m);
    if (nameEnd >= 0) {
      String portal = in.utf8(Frame.HEADER, portalEnd);
      SqlStatement statement = s.prepared.get(in.utf8(portalEnd + 1, nameEnd));
      if (statement == null) {
        s.portals.remove(portal);
      } else {
        s.portals.put(portal, statement);
        describe(m, s, statement, "BIND");
      }
    }
    return part(in, s);
  }

  private static Outcome describe(Input in, PostgresSession s, Message m) {
    int there = there(in, Integer.MAX_VALUE, m);
    if (there <= 0) {
      return there == 0 ? Outcome.INCOMPLETE : Outcome.MALFORMED;
    }
    begin(s, m);
    SqlStatement statement = of(in, s).get(name(in, there));
    if (statement != null && m.operation().isEmpty()) {
      describe(m, s, statement, "DESCRIBE");
    }
    return part(in, s);
  }

  private static Outcome close(Input in, PostgresSession s, Message m) {
    int there = there(in, Integer.MAX_VALUE, m);
    if (there <= 0) {
      return there == 0 ? Outcome.INCOMPLETE : Outcome.MALFORMED;
    }
    begin(s, m);
    of(in, s).remove(name(in, there));
    return part(in, s);
  }

  private static Statements of(Input in, PostgresSession s) {
    return in.length() > Frame.HEADER && in.at(Frame.HEADER) == 'S' ? s.prepared : s.portals;
  }

  private static String name(Input in, int to) {
    return to <= Frame.HEADER + 1 ? "" : in.utf8(Frame.HEADER + 1, to - 1);
  }

  private static Outcome execute(Input in, PostgresSession s, Message m) {
    int there = there(in, Integer.MAX_VALUE, m);
    if (there <= 0) {
      return there == 0 ? Outcome.INCOMPLETE : Outcome.MALFORMED;
    }
    begin(s, m);
    int nameEnd = in.indexOf((byte) 0, Frame.HEADER, there);
    SqlStatement statement = s.portals.get(nameEnd < 0 ? "" : in.utf8(Frame.HEADER, nameEnd));
    describe(m, s, statement == null ? SqlStatement.EMPTY : statement, "EXECUTE");
    return request(in, s, Expected.EXECUTE);
  }

  private static Outcome functionCall(Input in, PostgresSession s, Message m) {
    begin(s, m);
    describe(m, s, SqlStatement.EMPTY, "FUNCTION_CALL");
    return request(in, s, Expected.UNTIL_READY);
  }

  private static Outcome flush(Input in, PostgresSession s, Message m) {
    return m.begun() ? prepareOnly(in, s, m) : skip(in);
  }

  private static Outcome sync(Input in, PostgresSession s, Message m) {
    if (!m.begun()) {
      return s.expected.add(Expected.SYNC, 0) ? skip(in) : Outcome.MALFORMED;
    }
    Outcome outcome = prepareOnly(in, s, m);
    return s.expected.add(Expected.SYNC, 0) ? outcome : Outcome.MALFORMED;
  }

  private static Outcome prepareOnly(Input in, PostgresSession s, Message m) {
    if (m.operation().isEmpty()) {
      describe(m, s, SqlStatement.EMPTY, "PREPARE");
    }
    int confirmations = s.confirmations;
    s.confirmations = 0;
    if (!s.expected.add(Expected.PREPARE, confirmations)) {
      return Outcome.MALFORMED;
    }
    in.consume(Frame.size(in, 0));
    return Outcome.MESSAGE;
  }

  private static Outcome request(Input in, PostgresSession s, int expected) {
    s.confirmations = 0;
    if (!s.expected.add(expected, 0)) {
      return Outcome.MALFORMED;
    }
    in.consume(Frame.size(in, 0));
    return Outcome.MESSAGE;
  }

  private static Outcome part(Input in, PostgresSession s) {
    s.confirmations++;
    return skip(in);
  }

  private static Outcome skip(Input in) {
    in.consume(Frame.size(in, 0));
    return Outcome.SKIPPED;
  }

  private static Outcome copyEnd(Input in, PostgresSession s) {
    s.copiedBytes += Frame.size(in, 0);
    s.copyEnded = true;
    return skip(in);
  }

  private static Outcome copyData(Input in, PostgresSession s) {
    long size = Frame.size(in, 0);
    while (size + Frame.HEADER <= in.length()
        && in.at((int) size) == 'd'
        && Frame.clientHeader(in, (int) size)) {
      size += Frame.size(in, (int) size);
    }
    s.copiedBytes += size;
    in.consume(size);
    return Outcome.SKIPPED;
  }

  /**
   * How much of the message at the front can be looked at.
   *
   * @param most bytes that are of interest
   * @return 0 when more must come first, -1 when the message breaks the rules
   */
  private static int there(Input in, int most, Message m) {
    long size = Frame.size(in, 0);
    int wanted = (int) Math.min(size, most);
    int there = Math.min(wanted, in.length());
    if (!Frame.clientBody(in, 0, there)) {
      return -1;
    }
    if (there == wanted) {
      return there;
    }
    if (in.hole() == 0) {
      return 0;
    }
    m.markTruncated();
    return there;
  }

  /** The text at {@code from}, up to its zero byte. */
  private SqlStatement text(Input in, int from, int to, PostgresSession s) {
    int zero = in.indexOf((byte) 0, from, to);
    int start = in.start();
    return normaliser.normalise(
        in.array(), start + from, start + (zero < 0 ? to : zero), s.dialect(), zero < 0);
  }

  static void begin(PostgresSession s, Message m) {
    if (m.begun()) {
      return;
    }
    m.begin(Kind.REQUEST);
    s.confirmations = 0;
    if (s.expected.isEmpty()) {
      s.copiedBytes = 0; // data that the server no longer wanted
      s.copyEnded = false;
      s.copyTruncated = false;
    }
  }

  static void describe(Message m, PostgresSession s, SqlStatement statement, String otherwise) {
    String operation = statement.operation().isEmpty() ? otherwise : statement.operation();
    m.operation(operation);
    m.resource(statement.table());
    m.statement(statement.text());
    m.trace(statement.traceId(), statement.spanId());
    attributes(m, s);
    m.attribute("db.operation.name", operation);
    m.attribute("db.collection.name", statement.table());
    m.attribute("db.query.summary", statement.summary());
  }

  static void attributes(Message m, PostgresSession s) {
    m.attribute("db.system.name", "postgresql");
    m.attribute("db.namespace", s.database);
  }
}
