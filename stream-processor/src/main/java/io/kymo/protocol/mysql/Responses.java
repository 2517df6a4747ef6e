package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Status;
import io.kymo.protocol.mysql.MysqlSession.Eof;
import io.kymo.protocol.mysql.MysqlSession.Phase;

/**
 * Reads what servers send. What a packet means depends on the command it answers ("Command Phase"
 * in MySQL's documentation):
 *
 * <pre>
 *  OK | ERR | 0xfb file name, then OK | ERR behind the file
 *  columns:lenenc [metadata follows:1]  columns × definition  [EOF]  rows  EOF | ERR       once more while MORE_RESULTS is set
 * </pre>
 *
 * <p>Whether EOF follows the definitions is read off the packet itself: an EOF has 1 or 5 bytes, an
 * OK in its place (CLIENT_DEPRECATE_EOF) at least 7, and no row that short begins with 0xfe.
 */
final class Responses {
  /** What one packet came to. */
  private enum Step {
    /** More of it is needed. */
    MORE,
    /** It cannot stand here. */
    WRONG,
    /** Taken, the answer goes on. */
    TAKEN,
    /** Taken, and the answer is complete. */
    LAST,
    /** Likewise, and the connection speaks something else from here on. */
    SWITCH,
    /** Its request has not been seen. */
    ORPHAN
  }

  private static final int MOST_COLUMNS = 65_535;

  static final byte[] DEF = {3, 'd', 'e', 'f'};

  private Responses() {}

  /** Takes as many packets as are there, up to the end of the answer. */
  static Outcome decode(Input in, MysqlSession s, Message m) {
    int at = 0;
    while (true) {
      if (in.length() - at < Packet.HEADER) {
        return taken(in, at, Outcome.INCOMPLETE);
      }
      boolean begun = m.begun();
      Step step = begun ? next(in, at, s, m) : start(in, at, s, m);
      switch (step) {
        case MORE -> {
          return taken(in, at, Outcome.INCOMPLETE);
        }
        case WRONG -> {
          return taken(in, at, Outcome.MALFORMED);
        }
        case ORPHAN -> {
          in.awaitRequest();
          return Outcome.INCOMPLETE;
        }
        case TAKEN, LAST, SWITCH -> {
          s.serverSequence = Packet.sequence(in, at);
          at += Packet.HEADER + Packet.length(in, at);
          if (step != Step.TAKEN) {
            in.consume(at);
            return step == Step.LAST ? Outcome.MESSAGE : Outcome.SWITCHED;
          }
          if (!m.begun() || at >= in.length()) {
            return taken(in, at, Outcome.INCOMPLETE);
          }
        }
      }
    }
  }

  private static Outcome taken(Input in, int at, Outcome otherwise) {
    if (at == 0) {
      return otherwise;
    }
    in.consume(at);
    return Outcome.SKIPPED;
  }

  /** The first packet of an answer, a greeting, or something nobody asked for. */
  private static Step start(Input in, int at, MysqlSession s, Message m) {
    int length = Packet.length(in, at);
    int sequence = Packet.sequence(in, at);
    if (length == 0) {
      return Step.WRONG;
    }
    if (in.length() - at <= Packet.HEADER) {
      return Step.MORE;
    }
    int first = in.u8(at + Packet.HEADER);
    if (sequence == 0 && !s.greetingSeen && first != Packet.ERR) {
      if (!Handshake.mayBeGreeting(in, at, length)) {
        return Step.WRONG;
      }
      if (in.length() - at < Packet.HEADER + length) {
        return Step.MORE;
      }
      if (!Handshake.isGreeting(in, at, length)) {
        return Step.WRONG;
      }
      Handshake.readGreeting(in, at, length, s);
      return Step.TAKEN;
    }
    if (s.eofMayFollow) {
      s.eofMayFollow = false;
      boolean eof = first == Packet.EOF && length == 5 && sequence == (s.serverSequence + 1 & 0xff);
      s.eof = eof ? Eof.SENT : Eof.DEPRECATED;
      if (eof) {
        return Step.TAKEN;
      }
    }
    InFlight head = s.inFlight.peek();
    if (head == null) {
      if (sequence == 0 && first == Packet.ERR) {
        return unasked(in, at, length, s, m);
      }
      // the answer to a login has number 2 or, encrypted, 3
      return sequence >= 1 && sequence <= 3 ? Step.ORPHAN : Step.WRONG;
    }
    if (!follows(sequence, first, head)) {
      return Step.WRONG;
    }
    s.expectFirst();
    Step step = first(in, at, length, s, m);
    if (step != Step.MORE && step != Step.WRONG) {
      m.begin(Message.Kind.RESPONSE);
    }
    return step;
  }

  private static boolean follows(int sequence, int first, InFlight head) {
    if (head.command().answer == Command.Answer.AUTH) {
      return sequence > head.sequence() || first == Packet.ERR;
    }
    if (head.sequence() < 0) {
      return true;
    }
    // an error may have been sent before the command was read
    return sequence == (head.sequence() + 1 & 0xff) || sequence == 0 && first == Packet.ERR;
  }

  /**
   * An error instead of a greeting (too many connections, host blocked), or before the server hangs
   * up (idle, killed).
   */
  private static Step unasked(Input in, int at, int length, MysqlSession s, Message m) {
    Step step = error(in, at, length, s, m);
    if (step == Step.LAST) {
      m.begin(Message.Kind.ONE_WAY);
      String operation = s.greetingSeen || s.loginSeen ? "DISCONNECT" : Command.LOGIN.name();
      m.operation(operation);
      m.attribute("db.operation.name", operation);
    }
    return step;
  }

  /** Any packet behind the first of an answer. */
  private static Step next(Input in, int at, MysqlSession s, Message m) {
    int length = Packet.length(in, at);
    int sequence = Packet.sequence(in, at);
    InFlight head = s.inFlight.peek();
    if (head == null) {
      return Step.WRONG;
    }
    if (sequence != (s.serverSequence + 1 & 0xff)) {
      if (!s.clientHasItsTurn()) {
        return Step.WRONG;
      }
      // numbers are shared: it answers packets of the client
      if (s.dataSequence != MysqlSession.NOT_SEEN && sequence != (s.dataSequence + 1 & 0xff)) {
        return Step.ORPHAN;
      }
    }
    if (s.serverContinues) {
      s.serverContinues = length == Packet.CONTINUED;
      return Step.TAKEN;
    }
    if (length == 0) {
      return Step.WRONG;
    }
    if (in.length() - at <= Packet.HEADER) {
      return Step.MORE;
    }
    if (in.u8(at + Packet.HEADER) == Packet.ERR && s.phase != Phase.FIRST) {
      return error(in, at, length, s, m);
    }
    return switch (s.phase) {
      case FIRST -> first(in, at, length, s, m);
      case COLUMNS -> definition(in, at, length, s, m, Phase.AFTER_COLUMNS);
      case AFTER_COLUMNS -> afterColumns(in, at, length, s, m);
      case ROWS -> row(in, at, length, s, m);
      case FIELDS ->
          isEnd(in, at, length)
              ? end(in, at, length, s, m)
              : definition(in, at, length, s, m, Phase.FIELDS);
      case PARAMETERS -> definition(in, at, length, s, m, Phase.AFTER_PARAMETERS);
      case AFTER_PARAMETERS -> afterParameters(in, at, length, s, m);
      case PREPARED_COLUMNS -> definition(in, at, length, s, m, Phase.AFTER_PREPARED_COLUMNS);
      case AFTER_PREPARED_COLUMNS -> isEnd(in, at, length) ? prepared(s, m) : Step.WRONG;
      case INFILE ->
          in.u8(at + Packet.HEADER) == Packet.OK ? end(in, at, length, s, m) : Step.WRONG;
    };
  }

  private static Step first(Input in, int at, int length, MysqlSession s, Message m) {
    int first = in.u8(at + Packet.HEADER);
    if (first == Packet.ERR) {
      return error(in, at, length, s, m);
    }
    return switch (s.inFlight.element().command().answer) {
      case RESULT -> result(in, at, length, first, s, m);
      case FIELDS ->
          isEnd(in, at, length)
              ? end(in, at, length, s, m)
              : definition(in, at, length, s, m, Phase.FIELDS);
      case ROWS -> {
        s.resultSet = true;
        s.results = 1;
        s.phase = Phase.ROWS;
        yield row(in, at, length, s, m);
      }
      case TEXT -> {
        finish(s, m, Status.OK);
        yield Step.LAST;
      }
      case PREPARE -> prepare(in, at, length, first, s, m);
      case AUTH -> first == Packet.OK ? loggedIn(in, at, length, s, m) : Step.TAKEN;
      case REPLICATION -> {
        in.switchTo(s.inFlight.element().command() == Command.CLONE ? "clone" : "replication");
        finish(s, m, Status.OK);
        yield Step.SWITCH;
      }
      case NONE -> Step.WRONG;
    };
  }

  private static Step result(Input in, int at, int length, int first, MysqlSession s, Message m) {
    if (first == Packet.OK || isEnd(in, at, length)) {
      return end(in, at, length, s, m);
    }
    if (first == Packet.LOCAL_INFILE) {
      s.phase = Phase.INFILE;
      return Step.TAKEN;
    }
    int body = at + Packet.HEADER;
    if (in.length() - body < length && length <= 10) {
      return Step.MORE;
    }
    int size = length <= 10 ? Packet.lenencSize(in, body, body + length) : 0;
    long count = size == 0 ? 0 : Packet.lenenc(in, body);
    if (count < 1 || count > MOST_COLUMNS || length > size + 1) {
      return Step.WRONG;
    }
    // CLIENT_OPTIONAL_RESULTSET_METADATA and MariaDB's CACHE_METADATA: do the definitions follow?
    boolean follow = length == size || in.u8(body + size) != 0;
    s.definitions = follow ? (int) count : 0;
    s.phase = follow ? Phase.COLUMNS : Phase.AFTER_COLUMNS;
    s.resultSet = true;
    return Step.TAKEN;
  }

  /** "Protocol::ColumnDefinition41": the catalog comes first and is always "def". */
  private static Step definition(
      Input in, int at, int length, MysqlSession s, Message m, Phase behind) {
    // before 4.1 it began with the table's name
    if ((s.clientCapabilities & Capabilities.PROTOCOL_41) != 0) {
      if (length < DEF.length) {
        return Step.WRONG;
      }
      if (in.length() - at < Packet.HEADER + DEF.length) {
        return Step.MORE;
      }
      if (!in.matches(at + Packet.HEADER, DEF)) {
        return Step.WRONG;
      }
    }
    if (behind == Phase.FIELDS) {
      s.phase = Phase.FIELDS;
      return Step.TAKEN;
    }
    if (--s.definitions == 0) {
      s.phase = behind;
      if (behind == Phase.AFTER_PARAMETERS && s.columns == 0
          || behind == Phase.AFTER_PREPARED_COLUMNS) {
        return s.eof == Eof.SENT ? Step.TAKEN : prepared(s, m);
      }
    }
    return Step.TAKEN;
  }

  private static Step afterColumns(Input in, int at, int length, MysqlSession s, Message m) {
    if (in.u8(at + Packet.HEADER) != Packet.EOF || length > 5) {
      if (!isEnd(in, at, length)) {
        s.eof = Eof.DEPRECATED;
        s.phase = Phase.ROWS;
      }
      return row(in, at, length, s, m);
    }
    if (in.length() - at < Packet.HEADER + length) {
      return Step.MORE;
    }
    if (length == 5 && (in.u16le(at + Packet.HEADER + 3) & StatusFlags.CURSOR_EXISTS) != 0) {
      return end(in, at, length, s, m); // the rows wait for COM_STMT_FETCH
    }
    s.eof = Eof.SENT;
    s.phase = Phase.ROWS;
    return Step.TAKEN;
  }

  private static Step row(Input in, int at, int length, MysqlSession s, Message m) {
    if (isEnd(in, at, length)) {
      return end(in, at, length, s, m);
    }
    s.rows++;
    s.serverContinues = length == Packet.CONTINUED;
    return Step.TAKEN;
  }

  /** 0x00 id:4 columns:2 parameters:2 0x00 warnings:2 [metadata follows:1]. */
  private static Step prepare(Input in, int at, int length, int first, MysqlSession s, Message m) {
    if (first != Packet.OK || length < 9 || length > 13) {
      return Step.WRONG;
    }
    if (in.length() - at < Packet.HEADER + length) {
      return Step.MORE;
    }
    int body = at + Packet.HEADER;
    s.statementId = in.i32le(body + 1);
    int parameters = in.u16le(body + 7);
    s.prepared.put(s.statementId, s.inFlight.element().statement().prepared(parameters));
    boolean follow = length < 13 || in.u8(body + 12) != 0;
    s.columns = follow ? in.u16le(body + 5) : 0;
    s.definitions = follow && parameters > 0 ? parameters : s.columns;
    if (s.definitions == 0) {
      finish(s, m, Status.OK);
      return Step.LAST;
    }
    s.phase = follow && parameters > 0 ? Phase.PARAMETERS : Phase.PREPARED_COLUMNS;
    return Step.TAKEN;
  }

  private static Step afterParameters(Input in, int at, int length, MysqlSession s, Message m) {
    boolean eof = isEnd(in, at, length) && length <= 5;
    s.eof = eof ? Eof.SENT : Eof.DEPRECATED;
    if (eof && s.columns == 0) {
      return prepared(s, m);
    }
    s.definitions = s.columns;
    s.phase = Phase.PREPARED_COLUMNS;
    return eof ? Step.TAKEN : definition(in, at, length, s, m, Phase.AFTER_PREPARED_COLUMNS);
  }

  private static Step prepared(MysqlSession s, Message m) {
    s.eofMayFollow = s.eof == Eof.UNKNOWN;
    finish(s, m, Status.OK);
    return Step.LAST;
  }

  private static Step loggedIn(Input in, int at, int length, MysqlSession s, Message m) {
    boolean login = s.inFlight.element().command() == Command.LOGIN;
    Step step = end(in, at, length, s, m);
    if (step == Step.LAST
        && login
        && (s.both(Capabilities.COMPRESS) || s.both(Capabilities.ZSTD))) {
      in.switchTo("compressed");
      return Step.SWITCH;
    }
    return step;
  }

  /** An EOF, or an OK in its place. A row that begins with 0xfe has more than 16 MB. */
  private static boolean isEnd(Input in, int at, int length) {
    return in.u8(at + Packet.HEADER) == Packet.EOF && length < Packet.CONTINUED;
  }

  /** OK or EOF: the end of a result, or of all. */
  private static Step end(Input in, int at, int length, MysqlSession s, Message m) {
    if (in.length() - at < Packet.HEADER + Math.min(length, OkPacket.LOOKED_AT)) {
      return Step.MORE;
    }
    int flags = OkPacket.read(in, at, length, s);
    s.results++;
    if ((flags & StatusFlags.MORE_RESULTS) != 0) {
      s.phase = Phase.FIRST;
      return Step.TAKEN;
    }
    finish(s, m, Status.OK);
    return Step.LAST;
  }

  /** 0xff code:2 ['#' SQLSTATE:5] message. The message quotes values: it is not kept. */
  private static Step error(Input in, int at, int length, MysqlSession s, Message m) {
    if (length < 3) {
      return Step.WRONG;
    }
    if (in.length() - at < Packet.HEADER + Math.min(length, 9)) {
      return Step.MORE;
    }
    int body = at + Packet.HEADER;
    int code = in.u16le(body + 1);
    if (code == 0xffff) {
      return Step.TAKEN; // MariaDB's progress report: the answer is still to come
    }
    s.results++;
    fail(in, body, length, code, m);
    finish(s, m, m.status());
    return Step.LAST;
  }

  private static void fail(Input in, int body, int length, int code, Message m) {
    String state =
        length >= 9 && in.u8(body + 3) == '#' && Handshake.isPrintable(in, body + 4, body + 9)
            ? in.latin1(body + 4, body + 9)
            : "";
    m.status(ErrorClass.of(code, state), Integer.toString(code));
    m.errorType(ErrorClass.type(code, state));
    m.attribute("db.response.status_code", Integer.toString(code));
  }

  /** The capture ends in this answer. */
  static boolean truncated(Input in, MysqlSession s, Message m) {
    InFlight head = s.inFlight.peek();
    if (head == null) {
      return false;
    }
    boolean known = m.begun() && s.phase != Phase.FIRST && s.phase != Phase.INFILE;
    if (!m.begun()) {
      s.expectFirst();
      m.begin(Message.Kind.RESPONSE);
    }
    if (in.length() >= Packet.HEADER + 3
        && in.u8(Packet.HEADER) == Packet.ERR
        && !s.serverContinues) {
      fail(
          in,
          Packet.HEADER,
          Math.min(Packet.length(in, 0), in.length() - Packet.HEADER),
          in.u16le(Packet.HEADER + 1),
          m);
    } else if (known || in.length() > Packet.HEADER && in.u8(Packet.HEADER) == Packet.OK) {
      m.status(Status.OK, "");
    }
    m.markTruncated();
    finish(s, m, m.status());
    return true;
  }

  private static void finish(MysqlSession s, Message m, Status status) {
    InFlight head = s.inFlight.poll();
    m.status(status, m.statusCode());
    m.moreRequestBytes(s.dataBytes);
    s.dataBytes = 0;
    if (s.resultSet) {
      m.attribute("db.response.returned_rows", Long.toString(s.rows));
    }
    if (s.affected > 0) {
      m.attribute("capture.db.affected_rows", Long.toString(s.affected));
    }
    if (s.results > 1) {
      m.attribute("capture.db.results", Integer.toString(s.results));
    }
    if (head != null && head.command() == Command.LOGIN) {
      m.attribute("db.system.name", s.system());
    }
    if (head != null && status == Status.OK) {
      if (head.database() != null) {
        s.database = head.database();
      }
      if (head.command() == Command.CHANGE_USER || head.command() == Command.RESET_CONNECTION) {
        s.prepared.clear();
      }
    }
    s.expectFirst();
  }
}
