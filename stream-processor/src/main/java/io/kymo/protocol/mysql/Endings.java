package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Status;
import io.kymo.protocol.mysql.MysqlSession.Phase;

/** The packets that end an answer, and what they change in the session. */
final class Endings {
  private Endings() {}

  /** An EOF, or an OK in its place. A row that begins with 0xfe has more than 16 MB. */
  static boolean isEnd(Input in, int at, int length) {
    return in.u8(at + Packet.HEADER) == Packet.EOF && length < Packet.CONTINUED;
  }

  /** OK or EOF: the end of a result, or of all. */
  static Step end(Input in, int at, int length, MysqlSession s, Message m) {
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
  static Step error(Input in, int at, int length, MysqlSession s, Message m) {
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

  /** What the ERR packet with this payload says, as far as it is there. */
  static void fail(Input in, int body, int length, int code, Message m) {
    String state =
        length >= 9 && in.u8(body + 3) == '#' && Handshake.isPrintable(in, body + 4, body + 9)
            ? in.latin1(body + 4, body + 9)
            : "";
    m.status(ErrorClass.of(code, state), Integer.toString(code));
    m.errorType(ErrorClass.type(code, state));
    m.attribute("db.response.status_code", Integer.toString(code));
  }

  /** The first command in flight is answered. */
  static void finish(MysqlSession s, Message m, Status status) {
    InFlight head = s.inFlight.poll();
    m.status(status, m.statusCode());
    m.moreRequestBytes(s.dataBytes);
    if (s.phase == Phase.INFILE && s.dataSequence == MysqlSession.NOT_SEEN) {
      m.markTruncated();
    }
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
}
