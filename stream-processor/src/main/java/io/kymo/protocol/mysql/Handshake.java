package io.kymo.protocol.mysql;

import io.kymo.protocol.Input;

/**
 * The greeting that servers open with and the client's answer. "Protocol::HandshakeV10",
 * "Protocol::HandshakeResponse41", "…320" and "Protocol::SSLRequest" in MySQL's documentation;
 * "Connection" in MariaDB's knowledge base for the extended capabilities.
 *
 * <p>What is read: version, capabilities, database. Never the user, the scramble or the answer to
 * it.
 */
final class Handshake {
  /**
   * Longest greeting believed: version, scramble and plugin name are at most some hundred bytes.
   */
  static final int LONGEST_GREETING = 1024;

  /**
   * Capabilities, packet size, character set and filler of a HandshakeResponse41; an SSLRequest is
   * only that.
   */
  static final int FIXED_41 = 32;

  /**
   * How much of the response is looked at: behind the database are only plugin name and attributes.
   */
  static final int LOOKED_AT = 2048;

  private static final int VERSION_10 = 0x0a;

  private Handshake() {}

  /**
   * Is the payload of the packet at {@code at} a greeting of protocol version 10? The packet must
   * be there as a whole.
   */
  static boolean isGreeting(Input in, int at, int length) {
    int from = at + Packet.HEADER;
    if (length < 28 || length > LONGEST_GREETING || in.u8(from) != VERSION_10) {
      return false;
    }
    int end = from + length;
    int nul = in.indexOf((byte) 0, from + 1, Math.min(end, from + 200));
    // thread id, scramble, filler 0, capabilities
    return nul > from + 1
        && isPrintable(in, from + 1, nul)
        && end - nul >= 1 + 4 + 8 + 1 + 2
        && in.u8(nul + 13) == 0;
  }

  /** Could this be the beginning of a greeting? */
  static boolean mayBeGreeting(Input in, int at, int length) {
    if (length < 28 || length > LONGEST_GREETING) {
      return false;
    }
    int from = at + Packet.HEADER;
    if (in.length() <= from) {
      return true;
    }
    int nul = in.indexOf((byte) 0, from + 1, in.length());
    return in.u8(from) == VERSION_10 && isPrintable(in, from + 1, nul < 0 ? in.length() : nul);
  }

  static void readGreeting(Input in, int at, int length, MysqlSession s) {
    int end = at + Packet.HEADER + length;
    int version = at + Packet.HEADER + 1;
    int nul = in.indexOf((byte) 0, version, end);
    // MariaDB 10 to 11 calls itself 5.5.5- for replication's sake
    s.mariadb =
        in.latin1(version, nul).contains("MariaDB") || in.latin1(version, nul).startsWith("5.5.5-");
    int p = nul + 1 + 4 + 8 + 1;
    long capabilities = in.u16le(p);
    p += 2;
    if (end - p >= 1 + 2 + 2) {
      s.backslashEscapes = (in.u16le(p + 1) & StatusFlags.NO_BACKSLASH_ESCAPES) == 0;
      capabilities |= (long) in.u16le(p + 3) << 16;
      p += 5;
      if ((capabilities & Capabilities.LONG_PASSWORD) == 0 && end - p >= 1 + 6 + 4) {
        long extended = in.u32le(p + 1 + 6);
        capabilities |= extended << 32;
        s.mariadb |= extended != 0;
      }
    }
    s.serverCapabilities = capabilities;
    s.greetingSeen = true;
    learnEof(s);
  }

  /**
   * Does the packet at {@code at}, of which {@link #FIXED_41} bytes of payload are there, open a
   * HandshakeResponse41 or an SSLRequest?
   */
  static boolean isResponse41(Input in, int at, int length) {
    int from = at + Packet.HEADER;
    if (length < FIXED_41
        || (in.u32le(from) & Capabilities.PROTOCOL_41) == 0
        || in.u8(from + 8) == 0) {
      return false;
    }
    for (int i = 9; i < 28; i++) { // the last four bytes of the filler are MariaDB's capabilities
      if (in.u8(from + i) != 0) {
        return false;
      }
    }
    return true;
  }

  static boolean isSslRequest(Input in, int at, int length) {
    return length == FIXED_41 && (in.u32le(at + Packet.HEADER) & Capabilities.SSL) != 0;
  }

  /** capabilities:2 packet size:3 user NUL …: only believed right behind a greeting. */
  static boolean isResponse320(Input in, int at, int length) {
    int from = at + Packet.HEADER;
    int end = from + length;
    if (length < 7 || (in.u16le(from) & Capabilities.PROTOCOL_41) != 0) {
      return false;
    }
    int nul = in.indexOf((byte) 0, from + 5, Math.min(end, from + 5 + 64));
    return nul >= 0 && isPrintable(in, from + 5, nul);
  }

  /**
   * Takes the capabilities from a response (or SSLRequest).
   *
   * @param end of the bytes that are there
   * @return the database it names, or null
   */
  static String readResponse41(Input in, int at, int end, MysqlSession s) {
    int p = at + Packet.HEADER;
    long capabilities = in.u32le(p);
    if ((capabilities & Capabilities.LONG_PASSWORD) == 0) {
      long extended = in.u32le(p + 28);
      capabilities |= extended << 32;
      s.mariadb |= extended != 0;
    }
    s.clientCapabilities = capabilities;
    learnEof(s);
    int user = in.indexOf((byte) 0, p + FIXED_41, end);
    if (user < 0 || (capabilities & Capabilities.CONNECT_WITH_DB) == 0) {
      return null;
    }
    return database(in, skipAuthentication(in, user + 1, end, capabilities), end);
  }

  /** Likewise for a response of the protocol before 4.1. */
  static String readResponse320(Input in, int at, int end, MysqlSession s) {
    int p = at + Packet.HEADER;
    s.clientCapabilities = in.u16le(p);
    s.eof = MysqlSession.Eof.SENT;
    int user = in.indexOf((byte) 0, p + 5, end);
    if (user < 0 || (s.clientCapabilities & Capabilities.CONNECT_WITH_DB) == 0) {
      return null;
    }
    int auth = in.indexOf((byte) 0, user + 1, end);
    return database(in, auth < 0 ? -1 : auth + 1, end);
  }

  /**
   * The database in a COM_CHANGE_USER: user NUL, authentication, database NUL.
   *
   * @return empty when it names none, null when it could not be read
   */
  static String changedDatabase(Input in, int at, int end, MysqlSession s) {
    int user = in.indexOf((byte) 0, at + Packet.HEADER + 1, end);
    if (user < 0) {
      return null;
    }
    // never length-encoded here, whatever CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA says
    long capabilities = s.clientCapabilities & ~Capabilities.PLUGIN_AUTH_LENENC;
    int p = skipAuthentication(in, user + 1, end, capabilities);
    return p == end ? "" : database(in, p, end);
  }

  private static int skipAuthentication(Input in, int at, int end, long capabilities) {
    if (at >= end) {
      return -1;
    }
    if ((capabilities & Capabilities.PLUGIN_AUTH_LENENC) != 0) {
      return Packet.skipString(in, at, end);
    }
    if ((capabilities & Capabilities.SECURE_CONNECTION) != 0) {
      int to = at + 1 + in.u8(at);
      return to > end ? -1 : to;
    }
    int nul = in.indexOf((byte) 0, at, end);
    return nul < 0 ? -1 : nul + 1;
  }

  private static String database(Input in, int at, int end) {
    if (at < 0 || at >= end) {
      return null;
    }
    int nul = in.indexOf((byte) 0, at, end);
    return nul < 0 ? Packet.name(in, at, end) : Packet.name(in, at, nul);
  }

  private static void learnEof(MysqlSession s) {
    if (s.clientCapabilities != Capabilities.UNKNOWN
        && s.serverCapabilities != Capabilities.UNKNOWN) {
      s.eof =
          s.both(Capabilities.DEPRECATE_EOF) ? MysqlSession.Eof.DEPRECATED : MysqlSession.Eof.SENT;
    }
  }

  static boolean isPrintable(Input in, int from, int to) {
    for (int i = from; i < to; i++) {
      int b = in.u8(i);
      if (b < 0x20 || b == 0x7f) {
        return false;
      }
    }
    return true;
  }
}
