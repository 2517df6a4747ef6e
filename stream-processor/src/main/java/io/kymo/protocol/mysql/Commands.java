package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;

/**
 * Reads the one command that a packet holds ("Text Protocol", "Prepared Statements", "Utility
 * Commands" in MySQL's documentation).
 */
final class Commands {
  /**
   * MariaDB's name for "the statement prepared last", so that its execution need not wait for the
   * id.
   */
  private static final int LAST_PREPARED = -1;

  private final Sql sql;

  Commands(Sql sql) {
    this.sql = sql;
  }

  /**
   * What {@code message} says of the command at hand.
   *
   * @param end of the bytes that are there
   * @param cut it goes on behind them
   */
  InFlight read(Input in, Command command, int end, boolean cut, MysqlSession s, Message m) {
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
        yield new InFlight(command, 0, Statement.NONE, command == Command.INIT_DB ? name : null);
      }
      case FIELD_LIST -> {
        int nul = in.indexOf((byte) 0, body, end);
        String table = Packet.name(in, body, nul < 0 ? end : nul);
        begin(m, Message.Kind.REQUEST, command.name(), s, s.database);
        m.resource(table);
        m.attribute("db.collection.name", table);
        yield new InFlight(command, 0, Statement.NONE, null);
      }
      case CHANGE_USER -> {
        String name = Handshake.changedDatabase(in, 0, end, s);
        begin(m, Message.Kind.REQUEST, command.name(), s, name == null ? "" : name);
        m.resource(name == null ? "" : name);
        yield new InFlight(command, 0, Statement.NONE, name);
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
        yield new InFlight(command, 0, Statement.NONE, null);
      }
    };
  }

  private InFlight text(
      Input in, Command command, int end, boolean cut, MysqlSession s, Message m) {
    int from = Packet.HEADER + 1;
    int to = end;
    if (command == Command.MULTI) {
      to = firstOfMany(in, from, end);
      from = Math.min(from + 4, to);
    } else if (QueryAttributes.present(in, from, end)) {
      from = QueryAttributes.skip(in, from, end, m::trace);
      from = from < 0 ? end : from;
    }
    Statement statement = sql.read(in, from, to, cut, s);
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
        prepare ? null : statement.usedDatabase());
  }

  /**
   * COM_MULTI holds commands with a length:3 before each: where the first ends, when it has text.
   */
  private static int firstOfMany(Input in, int from, int end) {
    Command first = end - from < 4 ? null : Command.of(in.u8(from + 3));
    return first != Command.QUERY ? from : Math.min(end, from + 3 + in.u24le(from));
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
    return new InFlight(command, 0, Statement.NONE, null);
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

  static void begin(
      Message m, Message.Kind kind, String operation, MysqlSession s, String database) {
    m.begin(kind);
    m.operation(operation);
    m.attribute("db.system.name", s.system());
    m.attribute("db.operation.name", operation);
    m.attribute("db.namespace", database);
  }

  private static void describe(Message m, Statement statement) {
    if (!statement.traceId().isEmpty()) {
      m.trace(statement.traceId(), statement.spanId());
    }
    m.resource(statement.table());
    m.statement(statement.text());
    m.attribute("db.collection.name", statement.table());
    m.attribute("db.query.summary", statement.summary());
  }
}
