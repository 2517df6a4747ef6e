package io.kymo.protocol.mysql;

import io.kymo.protocol.Session;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;

/**
 * One connection: what both sides said of themselves, commands without an answer, how far the
 * answer is that is being read.
 */
final class MysqlSession implements Session {
  /** Commands in flight. MariaDB's connectors pipeline batches of some hundred. */
  static final int MOST_IN_FLIGHT = 1024;

  /** Where the server's answer to the first command in flight stands. */
  enum Phase {
    /** Its first packet comes next. */
    FIRST,
    /** {@link #definitions} column definitions of a result set come next. */
    COLUMNS,
    /** An EOF between definitions and rows, if the connection has those, or a row. */
    AFTER_COLUMNS,
    ROWS,
    /** Definitions up to an EOF: the answer to COM_FIELD_LIST. */
    FIELDS,
    /**
     * {@link #definitions} parameters of a prepared statement come next, then {@link #columns}
     * columns.
     */
    PARAMETERS,
    AFTER_PARAMETERS,
    PREPARED_COLUMNS,
    AFTER_PREPARED_COLUMNS,
    /** The client was asked for a file; the result follows it. */
    INFILE
  }

  /**
   * Does an EOF packet follow column definitions? By CLIENT_DEPRECATE_EOF, or learnt from what the
   * server sends.
   */
  enum Eof {
    UNKNOWN,
    SENT,
    DEPRECATED
  }

  static final int NOT_SEEN = -1;

  private static final Phase[] PHASES = Phase.values();
  private static final Eof[] EOFS = Eof.values();

  // the connection
  long clientCapabilities = Capabilities.UNKNOWN;
  long serverCapabilities = Capabilities.UNKNOWN;
  boolean mariadb;
  boolean backslashEscapes = true;
  Eof eof = Eof.UNKNOWN;
  String database = "";
  final PreparedStatements prepared = new PreparedStatements();

  // the client's side
  final ArrayDeque<InFlight> inFlight = new ArrayDeque<>();
  Statement lastPrepared = Statement.NONE;
  boolean loginSeen;

  /** Number of the client's last packet, or {@link #NOT_SEEN}. */
  int clientSequence;

  /** Client packets that are no commands (authentication, files) are under way. */
  boolean clientData;

  /** Bytes of those packets since the last answer. */
  long dataBytes;

  /** Number of the last of them, or of what began the exchange; {@link #NOT_SEEN} after a cut. */
  int dataSequence;

  /**
   * The first packet of a command was as long as a packet can be; {@link #unfinished} is in flight
   * with its last.
   */
  boolean clientContinues;

  InFlight unfinished;

  // the server's side
  boolean greetingSeen;
  Phase phase = Phase.FIRST;
  int serverSequence;
  boolean serverContinues;

  /** The last answer was read without knowing whether an EOF belongs to it. */
  boolean eofMayFollow;

  int definitions;
  int columns;
  int statementId;
  long rows;
  long affected;
  int results;
  boolean resultSet;

  /** Do both sides have this capability? False when neither said. */
  boolean both(long capability) {
    long both = clientCapabilities & serverCapabilities;
    return both != Capabilities.UNKNOWN && (both & capability) != 0;
  }

  String system() {
    return mariadb ? "mariadb" : "mysql";
  }

  /** Is the answer under way one in which the client sends packets, too? */
  boolean clientHasItsTurn() {
    InFlight head = inFlight.peek();
    return head != null && (phase == Phase.INFILE || head.command().answer == Command.Answer.AUTH);
  }

  /** The next answer is a new one. */
  void expectFirst() {
    phase = Phase.FIRST;
    serverContinues = false;
    definitions = 0;
    columns = 0;
    statementId = 0;
    rows = 0;
    affected = 0;
    results = 0;
    resultSet = false;
  }

  void forgetInFlight() {
    dataBytes = 0;
    inFlight.clear();
    eofMayFollow = false;
    expectFirst();
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeLong(clientCapabilities);
    out.writeLong(serverCapabilities);
    out.writeBoolean(mariadb);
    out.writeBoolean(backslashEscapes);
    out.writeByte(eof.ordinal());
    out.writeUTF(database);
    prepared.save(out);
    out.writeShort(inFlight.size());
    for (InFlight command : inFlight) {
      command.save(out);
    }
    lastPrepared.save(out);
    out.writeBoolean(loginSeen);
    out.writeShort(clientSequence);
    out.writeBoolean(clientData);
    out.writeLong(dataBytes);
    out.writeShort(dataSequence);
    out.writeBoolean(clientContinues);
    out.writeBoolean(unfinished != null);
    if (unfinished != null) {
      unfinished.save(out);
    }
    out.writeBoolean(greetingSeen);
    out.writeByte(phase.ordinal());
    out.writeByte(serverSequence);
    out.writeBoolean(serverContinues);
    out.writeBoolean(eofMayFollow);
    out.writeInt(definitions);
    out.writeInt(columns);
    out.writeInt(statementId);
    out.writeLong(rows);
    out.writeLong(affected);
    out.writeInt(results);
    out.writeBoolean(resultSet);
  }

  @Override
  public void load(DataInput in) throws IOException {
    clientCapabilities = in.readLong();
    serverCapabilities = in.readLong();
    mariadb = in.readBoolean();
    backslashEscapes = in.readBoolean();
    eof = EOFS[in.readByte()];
    database = in.readUTF();
    prepared.load(in);
    inFlight.clear();
    for (int n = in.readUnsignedShort(); n > 0; n--) {
      inFlight.add(InFlight.load(in));
    }
    lastPrepared = Statement.load(in);
    loginSeen = in.readBoolean();
    clientSequence = in.readShort();
    clientData = in.readBoolean();
    dataBytes = in.readLong();
    dataSequence = in.readShort();
    clientContinues = in.readBoolean();
    unfinished = in.readBoolean() ? InFlight.load(in) : null;
    greetingSeen = in.readBoolean();
    phase = PHASES[in.readByte()];
    serverSequence = in.readUnsignedByte();
    serverContinues = in.readBoolean();
    eofMayFollow = in.readBoolean();
    definitions = in.readInt();
    columns = in.readInt();
    statementId = in.readInt();
    rows = in.readLong();
    affected = in.readLong();
    results = in.readInt();
    resultSet = in.readBoolean();
  }

  @Override
  public int weight() {
    int weight = 256 + 2 * database.length() + prepared.weight() + lastPrepared.weight();
    for (InFlight command : inFlight) {
      weight += command.weight();
    }
    return weight + (unfinished == null ? 0 : unfinished.weight());
  }
}
