package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Status;
import io.kymo.protocol.mysql.MysqlSession.Eof;
import io.kymo.protocol.mysql.MysqlSession.Phase;

/**
 * Result sets, and the definitions that the answer to a preparation has ("Text Resultset", "Binary
 * Protocol Resultset", "COM_STMT_PREPARE Response").
 *
 * <pre>
 *  columns:lenenc [metadata follows:1]  columns × definition  [EOF]  rows  EOF | OK with 0xfe | ERR
 * </pre>
 *
 * <p>Whether an EOF follows the definitions is read off the packet itself: an EOF has 1 or 5 bytes,
 * an OK in its place (CLIENT_DEPRECATE_EOF) at least 7, and no row that short begins with 0xfe.
 */
final class ResultSets {
  static final byte[] DEF = {3, 'd', 'e', 'f'};

  private static final int MOST_COLUMNS = 65_535;

  private ResultSets() {}

  /** The column count that a result set begins with. */
  static Step count(Input in, int at, int length, MysqlSession s) {
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
  static Step definition(Input in, int at, int length, MysqlSession s, Message m, Phase behind) {
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

  /** The first packet behind the definitions. */
  static Step afterColumns(Input in, int at, int length, MysqlSession s, Message m) {
    if (in.u8(at + Packet.HEADER) != Packet.EOF || length > 5) {
      if (!Endings.isEnd(in, at, length)) {
        s.eof = Eof.DEPRECATED;
        s.phase = Phase.ROWS;
      }
      return row(in, at, length, s, m);
    }
    if (in.length() - at < Packet.HEADER + length) {
      return Step.MORE;
    }
    if (length == 5 && (in.u16le(at + Packet.HEADER + 3) & StatusFlags.CURSOR_EXISTS) != 0) {
      return Endings.end(in, at, length, s, m); // the rows wait for COM_STMT_FETCH
    }
    s.eof = Eof.SENT;
    s.phase = Phase.ROWS;
    return Step.TAKEN;
  }

  static Step row(Input in, int at, int length, MysqlSession s, Message m) {
    if (Endings.isEnd(in, at, length)) {
      return Endings.end(in, at, length, s, m);
    }
    s.rows++;
    s.serverContinues = length == Packet.CONTINUED;
    return Step.TAKEN;
  }

  /** 0x00 id:4 columns:2 parameters:2 0x00 warnings:2 [metadata follows:1]. */
  static Step prepare(Input in, int at, int length, int first, MysqlSession s, Message m) {
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
      Endings.finish(s, m, Status.OK);
      return Step.LAST;
    }
    s.phase = follow && parameters > 0 ? Phase.PARAMETERS : Phase.PREPARED_COLUMNS;
    return Step.TAKEN;
  }

  /** The first packet behind a preparation's parameters. */
  static Step afterParameters(Input in, int at, int length, MysqlSession s, Message m) {
    boolean eof = Endings.isEnd(in, at, length) && length <= 5;
    s.eof = eof ? Eof.SENT : Eof.DEPRECATED;
    if (eof && s.columns == 0) {
      return prepared(s, m);
    }
    s.definitions = s.columns;
    s.phase = Phase.PREPARED_COLUMNS;
    return eof ? Step.TAKEN : definition(in, at, length, s, m, Phase.AFTER_PREPARED_COLUMNS);
  }

  /** The preparation is answered. */
  static Step prepared(MysqlSession s, Message m) {
    s.eofMayFollow = s.eof == Eof.UNKNOWN;
    Endings.finish(s, m, Status.OK);
    return Step.LAST;
  }
}
