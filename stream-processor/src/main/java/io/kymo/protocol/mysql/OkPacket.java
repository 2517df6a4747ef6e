package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;

/**
 * "Protocol::OK_Packet" and "Protocol::EOF_Packet".
 *
 * <pre>
 *  OK   0x00 | 0xfe  affected rows:lenenc  insert id:lenenc  status flags:2  warnings:2  [info:string  [session state:string]] | info
 *  EOF  0xfe  [warnings:2  status flags:2]
 * </pre>
 */
final class OkPacket {
  /** Bytes of payload that must be there; the session state behind them is not of interest. */
  static final int LOOKED_AT = 1024;

  private static final int SCHEMA_CHANGED = 1;

  private OkPacket() {}

  /**
   * Takes what it says of the connection into the session, and adds up affected rows.
   *
   * @param at of a packet of which the whole, or {@link #LOOKED_AT} bytes, are there
   * @return status flags, 0 when it has none
   */
  static int read(Input in, int at, int length, MysqlSession s) {
    int body = at + Packet.HEADER;
    int end = body + Math.min(length, LOOKED_AT);
    if (in.u8(body) == Packet.EOF && length <= 5) {
      return length == 5 ? learn(in.u16le(body + 3), s) : 0;
    }
    int affected = body + 1;
    int size = Packet.lenencSize(in, affected, end);
    int insertId = affected + size;
    int flags = insertId + Packet.lenencSize(in, insertId, end);
    if (size == 0 || flags == insertId || end - flags < 2) {
      return 0;
    }
    s.affected += Math.max(0, Packet.lenenc(in, affected));
    int status = learn(in.u16le(flags), s);
    if ((status & StatusFlags.SESSION_STATE_CHANGED) != 0 && s.both(Capabilities.SESSION_TRACK)) {
      readState(in, Packet.skipString(in, flags + 4, end), end, s);
    }
    return status;
  }

  private static int learn(int status, MysqlSession s) {
    s.backslashEscapes = (status & StatusFlags.NO_BACKSLASH_ESCAPES) == 0;
    return status;
  }

  /** Session state: a string of (type:1 data:string). Only the current database is of interest. */
  private static void readState(Input in, int at, int end, MysqlSession s) {
    int size = at < 0 ? 0 : Packet.lenencSize(in, at, end);
    int stop = at < 0 ? -1 : Packet.skipString(in, at, end);
    int p = at + size;
    while (stop > 0 && p < stop) {
      int next = Packet.skipString(in, p + 1, stop);
      if (next < 0) {
        return;
      }
      if (in.u8(p) == SCHEMA_CHANGED) {
        int data = p + 1 + Packet.lenencSize(in, p + 1, stop);
        int name = data + Packet.lenencSize(in, data, next);
        if (name > data && Packet.skipString(in, data, next) == next) {
          s.database = Packet.name(in, name, next);
        }
      }
      p = next;
    }
  }
}
