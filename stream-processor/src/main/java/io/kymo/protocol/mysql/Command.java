package io.kymo.protocol.mysql;

/**
 * The commands that a client sends as first byte of a packet with sequence number 0. MySQL's {@code
 * enum_server_command}; 0xfa and 0xfe are MariaDB's. Those that servers refuse from clients ({@code
 * COM_SLEEP}, {@code COM_CONNECT}, {@code COM_DELAYED_INSERT}, …) are left out.
 */
enum Command {
  /** The handshake response: not a command, but answered like one. */
  LOGIN(-1, Answer.AUTH, 0, 0),
  QUIT(0x01, Answer.NONE, 1, 1),
  INIT_DB(0x02, Answer.RESULT, 2, 1024),
  QUERY(0x03, Answer.RESULT, 2, Integer.MAX_VALUE),
  FIELD_LIST(0x04, Answer.FIELDS, 2, 2048),
  CREATE_DB(0x05, Answer.RESULT, 2, 1024),
  DROP_DB(0x06, Answer.RESULT, 2, 1024),
  REFRESH(0x07, Answer.RESULT, 2, 2),
  SHUTDOWN(0x08, Answer.RESULT, 1, 2),
  STATISTICS(0x09, Answer.TEXT, 1, 1),
  PROCESS_INFO(0x0a, Answer.RESULT, 1, 1),
  PROCESS_KILL(0x0c, Answer.RESULT, 5, 5),
  DEBUG(0x0d, Answer.RESULT, 1, 1),
  PING(0x0e, Answer.RESULT, 1, 1),
  CHANGE_USER(0x11, Answer.AUTH, 3, 0x10000),
  BINLOG_DUMP(0x12, Answer.REPLICATION, 11, 1024),
  TABLE_DUMP(0x13, Answer.REPLICATION, 3, 1024),
  REGISTER_SLAVE(0x15, Answer.RESULT, 18, 1024),
  STMT_PREPARE(0x16, Answer.PREPARE, 2, Integer.MAX_VALUE),
  STMT_EXECUTE(0x17, Answer.RESULT, 10, Integer.MAX_VALUE),
  STMT_SEND_LONG_DATA(0x18, Answer.NONE, 7, Integer.MAX_VALUE),
  STMT_CLOSE(0x19, Answer.NONE, 5, 5),
  STMT_RESET(0x1a, Answer.RESULT, 5, 5),
  SET_OPTION(0x1b, Answer.RESULT, 3, 3),
  STMT_FETCH(0x1c, Answer.ROWS, 9, 9),
  BINLOG_DUMP_GTID(0x1e, Answer.REPLICATION, 19, 0x100000),
  RESET_CONNECTION(0x1f, Answer.RESULT, 1, 1),
  CLONE(0x20, Answer.REPLICATION, 1, 1),
  STMT_BULK_EXECUTE(0xfa, Answer.RESULT, 7, Integer.MAX_VALUE),
  MULTI(0xfe, Answer.RESULT, 5, Integer.MAX_VALUE);

  /** What the server sends back. */
  enum Answer {
    NONE,
    /**
     * OK, ERR, EOF, LOCAL INFILE, or a result set, and more of them when the status flags say so.
     */
    RESULT,
    /** Column definitions up to an EOF. */
    FIELDS,
    /** Rows up to an EOF. */
    ROWS,
    /** A line of text. */
    TEXT,
    /** Statement id and counts, definitions of parameters and columns. */
    PREPARE,
    /** Authentication packets in both directions up to OK or ERR. */
    AUTH,
    /** A stream without an end. */
    REPLICATION
  }

  private static final Command[] BY_CODE = new Command[256];
  private static final Command[] ALL = values();

  static {
    for (Command c : ALL) {
      if (c.code >= 0) {
        BY_CODE[c.code] = c;
      }
    }
  }

  final int code;
  final Answer answer;
  final int shortest;
  final int longest;

  /**
   * @param shortest bytes of payload with the command byte
   * @param longest likewise
   */
  Command(int code, Answer answer, int shortest, int longest) {
    this.code = code;
    this.answer = answer;
    this.shortest = shortest;
    this.longest = longest;
  }

  /**
   * The command with this byte.
   *
   * @return null when there is none
   */
  static Command of(int code) {
    return BY_CODE[code];
  }

  static Command ofOrdinal(int ordinal) {
    return ALL[ordinal];
  }

  boolean fits(int length) {
    return length >= shortest && length <= longest;
  }

  /** Carries SQL text. */
  boolean hasText() {
    return this == QUERY || this == STMT_PREPARE || this == MULTI;
  }

  /** Names a prepared statement in its first four bytes. */
  boolean hasStatementId() {
    return switch (this) {
      case STMT_EXECUTE,
          STMT_BULK_EXECUTE,
          STMT_SEND_LONG_DATA,
          STMT_CLOSE,
          STMT_RESET,
          STMT_FETCH ->
          true;
      default -> false;
    };
  }
}
