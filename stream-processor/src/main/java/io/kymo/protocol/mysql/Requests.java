package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;

/**
 * Reads what clients send: the handshake response, then commands, each in a packet with sequence
 * number 0; in between what is no command (answers to authentication, contents of files), with the
 * numbers behind the server's.
 */
final class Requests {
  /** How much of a statement's text is looked at. */
  static final int LONGEST_TEXT = 16 * 1024;

  /** How much of a command is looked at for query attributes and names. */
  private static final int LONGEST_HEAD = 2 * 1024;

  /**
   * MariaDB's name for "the statement prepared last", so that its execution need not wait for the
   * id.
   */
  private static final int LAST_PREPARED = -1;

  private final Sql sql;

  Requests(Sql sql) {
    this.sql = sql;
  }

  Outcome decode(Input in, MysqlSession s, Message m) {
    if (in.length() < Packet.HEADER) {
      return Outcome.INCOMPLETE;
    }
    int length = Packet.length(in, 0);
    int sequence = Packet.sequence(in, 0);
    if (s.clientContinues) {
      return continued(in, length, sequence, s);
    }
    if (sequence == 0 && !(s.clientData && s.clientSequence == 255)) {
      return command(in, length, s, m);
    }
    if (!s.loginSeen && s.inFlight.isEmpty() && sequence <= 2) {
      return login(in, length, sequence, s, m);
    }
    if (!dataExpected(sequence, s)) {
      return Outcome.MALFORMED;
    }
    s.clientSequence = sequence;
    s.dataSequence = sequence;
    s.dataBytes += Packet.HEADER + (long) length;
    s.clientData = length > 0; // an empty packet ends a file
    in.consume(Packet.HEADER + (long) length);
    return Outcome.SKIPPED;
  }

  private static boolean dataExpected(int sequence, MysqlSession s) {
    InFlight head = s.inFlight.peek();
    if (head != null && head.command().answer == Command.Answer.AUTH) {
      return true;
    }
    if (s.clientSequence == MysqlSession.NOT_SEEN) {
      return head != null;
    }
    int step = sequence - s.clientSequence & 0xff;
    return s.clientData ? step == 1 || step == 2 : head != null && step == 2;
  }

  private Outcome continued(Input in, int length, int sequence, MysqlSession s) {
    if (sequence != (s.clientSequence + 1 & 0xff)) {
      return Outcome.MALFORMED;
    }
    s.clientSequence = sequence;
    in.consume(Packet.HEADER + (long) length);
    if (length == Packet.CONTINUED) {
      return Outcome.SKIPPED;
    }
    finish(sequence, s);
    return Outcome.MESSAGE;
  }

  /** The command under way is complete: its answer may come. */
  static void finish(int sequence, MysqlSession s) {
    InFlight done = s.unfinished;
    s.clientContinues = false;
    s.unfinished = null;
    if (done != null && done.command().answer != Command.Answer.NONE) {
      if (s.inFlight.isEmpty()) {
        s.dataSequence = sequence;
      }
      s.inFlight.add(
          new InFlight(
              done.command(), sequence, done.statement(), done.statementId(), done.database()));
    }
  }

  private static Outcome login(Input in, int length, int sequence, MysqlSession s, Message m) {
    int there = Math.min(in.length(), Packet.HEADER + Math.min(length, Handshake.LOOKED_AT));
    boolean whole = there == Packet.HEADER + Math.min(length, Handshake.LOOKED_AT);
    if (!whole && in.hole() == 0) {
      return Outcome.INCOMPLETE;
    }
    String database;
    if (there >= Packet.HEADER + Handshake.FIXED_41 && Handshake.isResponse41(in, 0, length)) {
      database = Handshake.readResponse41(in, 0, there, s);
      if (Handshake.isSslRequest(in, 0, length)) {
        in.consume(Packet.HEADER + (long) length);
        in.switchTo("tls");
        return Outcome.SWITCHED;
      }
    } else if (whole && s.greetingSeen && Handshake.isResponse320(in, 0, there - Packet.HEADER)) {
      database = Handshake.readResponse320(in, 0, there, s);
    } else if (!whole && s.greetingSeen) {
      database = null;
    } else {
      return Outcome.MALFORMED;
    }
    s.loginSeen = true;
    s.clientSequence = sequence;
    String name = database == null ? "" : database;
    begin(m, Message.Kind.REQUEST, Command.LOGIN.name(), s, name);
    m.resource(name);
    if (!whole) {
      m.markTruncated();
    }
    s.dataSequence = sequence;
    s.inFlight.add(new InFlight(Command.LOGIN, sequence, Statement.NONE, -1, database));
    in.consume(Packet.HEADER + (long) length);
    return Outcome.MESSAGE;
  }

  private Outcome command(Input in, int length, MysqlSession s, Message m) {
    if (in.length() <= Packet.HEADER) {
      return length == 0 ? Outcome.MALFORMED : Outcome.INCOMPLETE;
    }
    Command command = Command.of(in.u8(Packet.HEADER));
    if (command == null
        || !command.fits(length)
        || s.inFlight.size() >= MysqlSession.MOST_IN_FLIGHT) {
      return Outcome.MALFORMED;
    }
    int looked = Packet.HEADER + Math.min(length, command.hasText() ? LONGEST_TEXT : LONGEST_HEAD);
    int end = Math.min(looked, in.length());
    if (end < looked && in.hole() == 0) {
      return Outcome.INCOMPLETE;
    }
    if (command.hasText() && !looksLikeText(in, command, end)) {
      return Outcome.MALFORMED;
    }
    s.loginSeen = true;
    s.clientData = false;
    s.clientSequence = 0;
    s.unfinished = read(in, command, end, end < Packet.HEADER + length, s, m);
    if (end < looked) {
      m.markTruncated();
    }
    in.consume(Packet.HEADER + (long) length);
    if (length == Packet.CONTINUED) {
      s.clientContinues = true;
      return Outcome.SKIPPED;
    }
    finish(0, s);
    return Outcome.MESSAGE;
  }

  private static boolean looksLikeText(Input in, Command command, int end) {
    int first = Packet.HEADER + 1;
    return command == Command.MULTI
        || first >= end
        || in.u8(first) >= '\t'
        || QueryAttributes.present(in, first, end);
  }

  private InFlight read(
      Input in, Command command, int end, boolean cut, MysqlSession s, Message m) {
    int body = Packet.HEADER + 1;
    return switch (command) {
      case QUERY, STMT_PREPARE, MULTI -> text(in, command, end, cut, s, m);
      case STMT_EXECUTE,
          STMT_BULK_EXECUTE,
          STMT_SEND_LONG_DATA,
          STMT_CLOSE,
          STMT_RESET,
          STMT_FETCH ->
          onStatement(in, command, end, s, m);
      case INIT_DB, CREATE_DB, DROP_DB -> {
        String name = Packet.name(in, body, end);
        begin(
            m,
            Message.Kind.REQUEST,
            command.name(),
            s,
            command == Command.INIT_DB ? name : s.database);
        m.resource(name);
        yield new InFlight(
            command, 0, Statement.NONE, -1, command == Command.INIT_DB ? name : null);
      }
      case FIELD_LIST -> {
        int nul = in.indexOf((byte) 0, body, end);
        String table = Packet.name(in, body, nul < 0 ? end : nul);
        begin(m, Message.Kind.REQUEST, command.name(), s, s.database);
        m.resource(table);
        m.attribute("db.collection.name", table);
        yield new InFlight(command, 0, Statement.NONE, -1, null);
      }
      case CHANGE_USER -> {
        String name = Handshake.changedDatabase(in, 0, end, s);
        begin(m, Message.Kind.REQUEST, command.name(), s, name == null ? "" : name);
        m.resource(name == null ? "" : name);
        yield new InFlight(command, 0, Statement.NONE, -1, name);
      }
      case LOGIN,
          QUIT,
          REFRESH,
          SHUTDOWN,
          STATISTICS,
          PROCESS_INFO,
          PROCESS_KILL,
          DEBUG,
          PING,
          BINLOG_DUMP,
          TABLE_DUMP,
          REGISTER_SLAVE,
          SET_OPTION,
          BINLOG_DUMP_GTID,
          RESET_CONNECTION,
          CLONE -> {
        begin(m, kind(command), command.name(), s, s.database);
        yield new InFlight(command, 0, Statement.NONE, -1, null);
      }
    };
  }

  private InFlight text(
      Input in, Command command, int end, boolean cut, MysqlSession s, Message m) {
    int from = Packet.HEADER + 1;
    if (command == Command.MULTI) {
      from = Math.min(from + 4, end); // length:3 and command of the first of them
    } else if (QueryAttributes.present(in, from, end)) {
      from = QueryAttributes.skip(in, from, end, m::trace);
      from = from < 0 ? end : from;
    }
    Statement statement = sql.read(in, from, end, cut, s, m);
    boolean prepare = command == Command.STMT_PREPARE;
    String operation =
        statement.operation().isEmpty() || command != Command.QUERY
            ? command.name()
            : statement.operation();
    begin(m, Message.Kind.REQUEST, operation, s, s.database);
    describe(m, statement);
    if (prepare) {
      s.lastPrepared = statement.prepared(0);
    }
    return new InFlight(
        command,
        0,
        prepare ? s.lastPrepared : Statement.NONE,
        -1,
        prepare ? null : statement.usedDatabase());
  }

  private static InFlight onStatement(
      Input in, Command command, int end, MysqlSession s, Message m) {
    int id = end >= Packet.HEADER + 5 ? in.i32le(Packet.HEADER + 1) : 0;
    Statement statement = id == LAST_PREPARED ? s.lastPrepared : s.prepared.get(id);
    boolean executes = command == Command.STMT_EXECUTE || command == Command.STMT_BULK_EXECUTE;
    String operation =
        executes && !statement.operation().isEmpty() ? statement.operation() : command.name();
    begin(m, kind(command), operation, s, s.database);
    describe(m, statement);
    if (command == Command.STMT_EXECUTE) {
      executionAttributes(in, end, statement, s, m);
    } else if (command == Command.STMT_CLOSE) {
      s.prepared.remove(id);
    }
    return new InFlight(command, 0, Statement.NONE, id, null);
  }

  /**
   * 0x17 id:4 flags:1 iterations:4 [count:lenenc, with flag 0x08] null bitmap …, see {@link
   * QueryAttributes}.
   */
  private static void executionAttributes(
      Input in, int end, Statement statement, MysqlSession s, Message m) {
    int p = Packet.HEADER + 10;
    if (s.mariadb || p >= end || (in.u8(p - 5) & 0x08) == 0) {
      return;
    }
    int count = in.u8(p);
    if (count > statement.parameters()) {
      QueryAttributes.values(in, p + 1, end, count, m::trace);
    }
  }

  private static Message.Kind kind(Command command) {
    return command.answer == Command.Answer.NONE ? Message.Kind.ONE_WAY : Message.Kind.REQUEST;
  }

  private static void begin(
      Message m, Message.Kind kind, String operation, MysqlSession s, String database) {
    m.begin(kind);
    m.operation(operation);
    m.attribute("db.system.name", s.system());
    m.attribute("db.operation.name", operation);
    m.attribute("db.namespace", database);
  }

  private static void describe(Message m, Statement statement) {
    m.resource(statement.table());
    m.statement(statement.text());
    m.attribute("db.collection.name", statement.table());
    m.attribute("db.query.summary", statement.summary());
  }
}
