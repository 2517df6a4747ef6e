package io.kymo.protocol.postgres;

import io.kymo.protocol.Session;
import io.kymo.protocol.sql.SqlDialect;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Where both directions stand, and what names mean. */
final class PostgresSession implements Session {
  /** Status in ReadyForQuery (§55.7). */
  static final byte IDLE = 'I';

  static final byte IN_TRANSACTION = 'T';
  static final byte FAILED_TRANSACTION = 'E';

  final Expected expected = new Expected();
  final Statements prepared = new Statements(256, 128 * 1024);
  final Statements portals = new Statements(64, 64 * 1024);
  String database = "";
  boolean backslashEscapes;

  // client's side

  /** The next message has no type. */
  boolean startup;

  /** The next message may have no type: none was seen yet. */
  boolean fresh;

  /** The next bytes need not begin with a message. */
  boolean clientResync;

  /** Confirmations that the request being read will get before its own answer. */
  int confirmations;

  /** Of data that the client sent because the server asked for it. */
  long copiedBytes;

  /** The client sent all of it, or gave up, or the end was not captured. */
  boolean copyEnded;

  boolean copyTruncated;

  // server's side

  /** The next bytes need not begin with a message. */
  boolean serverResync;

  /** Bytes were lost, or never seen: what is not expected goes by, up to the next ReadyForQuery. */
  boolean lost;

  /** The client was asked for data. */
  boolean copyIn;

  /** The answer being read is an error. */
  boolean failed;

  /** A command of this answer returned rows, be they none. */
  boolean counted;

  long returned;
  long affected;
  long rows;
  byte transaction = IDLE;

  PostgresSession(boolean fromStart) {
    startup = fromStart;
    fresh = !fromStart;
    lost = !fromStart;
    clientResync = !fromStart;
    serverResync = !fromStart;
  }

  SqlDialect dialect() {
    return backslashEscapes ? SqlDialect.POSTGRESQL_BACKSLASH_ESCAPES : SqlDialect.POSTGRESQL;
  }

  void resetAnswer() {
    copyIn = false;
    failed = false;
    counted = false;
    returned = 0;
    affected = 0;
    rows = 0;
  }

  void clientLost() {
    fresh |= startup;
    startup = false;
    clientResync = true;
    confirmations = 0;
    copiedBytes = 0;
    copyEnded = false;
    copyTruncated = false;
    portals.clear();
    prepared.remove("");
    expected.clear();
    resetAnswer();
  }

  void serverLost() {
    lost = true;
    serverResync = true;
    expected.clear();
    resetAnswer();
    transaction = IDLE;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    expected.save(out);
    prepared.save(out);
    portals.save(out);
    out.writeUTF(database);
    out.writeShort(
        (backslashEscapes ? 1 : 0)
            | (startup ? 2 : 0)
            | (fresh ? 4 : 0)
            | (lost ? 8 : 0)
            | (copyIn ? 16 : 0)
            | (failed ? 32 : 0)
            | (counted ? 64 : 0)
            | (clientResync ? 128 : 0)
            | (serverResync ? 256 : 0)
            | (copyEnded ? 512 : 0)
            | (copyTruncated ? 1024 : 0));
    out.writeInt(confirmations);
    out.writeLong(copiedBytes);
    out.writeLong(returned);
    out.writeLong(affected);
    out.writeLong(rows);
    out.writeByte(transaction);
  }

  @Override
  public void load(DataInput in) throws IOException {
    expected.load(in);
    prepared.load(in);
    portals.load(in);
    database = in.readUTF();
    int flags = in.readShort();
    backslashEscapes = (flags & 1) != 0;
    startup = (flags & 2) != 0;
    fresh = (flags & 4) != 0;
    lost = (flags & 8) != 0;
    copyIn = (flags & 16) != 0;
    failed = (flags & 32) != 0;
    counted = (flags & 64) != 0;
    clientResync = (flags & 128) != 0;
    serverResync = (flags & 256) != 0;
    copyEnded = (flags & 512) != 0;
    copyTruncated = (flags & 1024) != 0;
    confirmations = in.readInt();
    copiedBytes = in.readLong();
    returned = in.readLong();
    affected = in.readLong();
    rows = in.readLong();
    transaction = in.readByte();
  }

  @Override
  public int weight() {
    return 256 + expected.weight() + prepared.weight() + portals.weight() + 2 * database.length();
  }
}
