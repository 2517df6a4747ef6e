package io.kymo.protocol.redis;

import io.kymo.protocol.Session;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Where both directions stand, and the connection's modes that change how replies are to be read.
 */
final class RedisSession implements Session {
  static final int UNKNOWN_DATABASE = -1;

  /** What becomes of replies (CLIENT REPLY). */
  static final byte REPLY_ON = 0;

  static final byte REPLY_OFF = 1;
  static final byte REPLY_SKIP_NEXT = 2;

  static final byte NO = 0;
  static final byte MAYBE = 1;
  static final byte YES = 2;

  /** Not within MULTI. */
  static final int NO_TRANSACTION = -1;

  /** Replies may be nested; hiredis stops at 9, Redis's own replies need 7. */
  static final int MAX_DEPTH = 32;

  final InFlight inFlight = new InFlight();
  int database;
  byte replies = REPLY_ON;
  int queued = NO_TRANSACTION;

  /** Do published messages come as arrays? */
  byte subscribed;

  /** The kind of confirmation of which more may come without a command. */
  int unsubscribing;

  boolean monitoring;

  // the command being read
  CommandSpec command;
  int arguments;
  int next;
  int firstKey;
  int lastKey;
  int keyStep;
  byte replyOption;
  int selects = UNKNOWN_DATABASE;

  // the reply being read: elements left at each level of nesting, see ReplyReader
  long[] levels = new long[2];
  int depth;
  boolean confirmation;
  boolean attributes;
  long lastInteger;

  RedisSession(boolean fromStart) {
    database = fromStart ? 0 : UNKNOWN_DATABASE;
    subscribed = fromStart ? NO : MAYBE;
  }

  void resetCommand() {
    command = null;
    arguments = 0;
    next = 0;
    firstKey = 0;
    lastKey = 0;
    keyStep = 1;
    replyOption = REPLY_ON;
    selects = UNKNOWN_DATABASE;
  }

  void resetReply() {
    depth = 0;
    confirmation = false;
    attributes = false;
    lastInteger = 0;
  }

  /**
   * @return false when it would be too deep
   */
  boolean push(long elements) {
    if (depth == MAX_DEPTH) {
      return false;
    }
    if (depth == levels.length) {
      levels = Arrays.copyOf(levels, depth * 2);
    }
    levels[depth++] = elements;
    return true;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    inFlight.save(out);
    out.writeInt(database);
    out.writeByte(replies);
    out.writeInt(queued);
    out.writeByte((monitoring ? 2 : 0) | (confirmation ? 4 : 0) | (attributes ? 8 : 0));
    out.writeByte(unsubscribing);
    out.writeByte(subscribed);
    out.writeUTF(command == null ? "" : command.name());
    if (command != null) {
      out.writeInt(arguments);
      out.writeInt(next);
      out.writeInt(firstKey);
      out.writeInt(lastKey);
      out.writeByte(keyStep);
      out.writeByte(replyOption);
      out.writeInt(selects);
    }
    out.writeByte(depth);
    for (int i = 0; i < depth; i++) {
      out.writeLong(levels[i]);
    }
    out.writeLong(lastInteger);
  }

  @Override
  public void load(DataInput in) throws IOException {
    inFlight.load(in);
    database = in.readInt();
    replies = in.readByte();
    queued = in.readInt();
    int flags = in.readByte();
    unsubscribing = in.readByte();
    subscribed = in.readByte();
    resetCommand();
    resetReply();
    monitoring = (flags & 2) != 0;
    confirmation = (flags & 4) != 0;
    attributes = (flags & 8) != 0;
    String name = in.readUTF();
    if (!name.isEmpty()) {
      command = Commands.byName(name);
      arguments = in.readInt();
      next = in.readInt();
      firstKey = in.readInt();
      lastKey = in.readInt();
      keyStep = in.readByte();
      replyOption = in.readByte();
      selects = in.readInt();
    }
    for (int n = in.readByte(); n > 0; n--) {
      push(in.readLong());
    }
    lastInteger = in.readLong();
  }

  @Override
  public int weight() {
    return 224 + inFlight.weight() + levels.length * 8;
  }
}
