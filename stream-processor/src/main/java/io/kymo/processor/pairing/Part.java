package io.kymo.processor.pairing;

import io.kymo.protocol.Message;
import io.kymo.protocol.Side;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Collection;

/**
 * A message with what the driver knows of it: where its bytes stand, when they were seen, how many
 * they are.
 */
public final class Part {
  private static final Side[] SIDES = Side.values();

  private final Message message = new Message();
  private Side side = Side.CLIENT;
  private boolean started;
  private long position;
  private long startTime;
  private long endTime;
  private long bytes;
  private long payloadHash;
  private boolean reported;
  private boolean orphaned;
  private boolean turn;

  /** Forgets everything, for the next message. */
  public void clear() {
    message.clear();
    side = Side.CLIENT;
    started = false;
    position = 0;
    startTime = 0;
    endTime = 0;
    bytes = 0;
    payloadHash = 0;
    reported = false;
    orphaned = false;
    turn = false;
  }

  /** Its first byte. */
  public void start(Side side, long position, long time, long payloadHash) {
    this.side = side;
    this.started = true;
    this.position = position;
    this.startTime = time;
    this.endTime = time;
    this.payloadHash = payloadHash;
  }

  public boolean started() {
    return started;
  }

  /** Its next bytes, the last of which was seen at {@code time}. */
  public void extend(long count, long time) {
    bytes += count;
    endTime = time;
  }

  /** The connection ended within it, at {@code time}: so long it was waited for. */
  public void lastUntil(long time) {
    endTime = Math.max(endTime, time);
  }

  public Message message() {
    return message;
  }

  /** Is it answered, or does it answer, in order? */
  boolean inOrder() {
    return message.correlation() == Message.IN_ORDER;
  }

  public Side side() {
    return side;
  }

  /** Of the first byte, in its direction; compare modulo 2^32. */
  public long position() {
    return position;
  }

  /** When the segment with the first byte was seen, ns. */
  public long startTime() {
    return startTime;
  }

  /**
   * When the segment with the last byte was seen, ns; of a response that the connection's end cut,
   * when that was.
   */
  public long endTime() {
    return endTime;
  }

  /** All bytes, captured or not. */
  public long bytes() {
    return bytes;
  }

  /** Datagrams: hash of the payload's beginning, else 0. */
  public long payloadHash() {
    return payloadHash;
  }

  /**
   * A row was made of it already (timeout); it waits only so that its late response does not go to
   * the next request.
   */
  boolean reported() {
    return reported;
  }

  /** A request whose last byte has not come, and of which no row was made. */
  public boolean unfinishedRequest() {
    return started
        && !reported
        && !orphaned
        && message.kind() == Message.Kind.REQUEST
        && message.correlation() == Message.IN_ORDER;
  }

  /** The server answered before the last byte came, and a row was made of that. */
  public boolean answered() {
    return reported;
  }

  void markReported() {
    reported = true;
  }

  /**
   * Bytes were lost while it was being decoded: what it belongs to is no longer known. Nothing
   * happens before it has begun.
   */
  public void orphan() {
    orphaned |= message.begun();
  }

  boolean orphaned() {
    return orphaned;
  }

  /** With it the client spoke again after the server had. */
  public void markTurn() {
    turn = true;
  }

  boolean turn() {
    return turn;
  }

  public void save(DataOutput out) throws IOException {
    out.writeByte(
        side.ordinal()
            | (started ? 2 : 0)
            | (reported ? 4 : 0)
            | (orphaned ? 8 : 0)
            | (turn ? 16 : 0));
    out.writeLong(position);
    out.writeLong(startTime);
    out.writeLong(endTime);
    out.writeLong(bytes);
    out.writeLong(payloadHash);
    message.save(out);
  }

  public void load(DataInput in) throws IOException {
    int flags = in.readByte();
    side = SIDES[flags & 1];
    started = (flags & 2) != 0;
    reported = (flags & 4) != 0;
    orphaned = (flags & 8) != 0;
    turn = (flags & 16) != 0;
    position = in.readLong();
    startTime = in.readLong();
    endTime = in.readLong();
    bytes = in.readLong();
    payloadHash = in.readLong();
    message.load(in);
  }

  static void saveAll(Collection<Part> parts, DataOutput out) throws IOException {
    out.writeInt(parts.size());
    for (Part part : parts) {
      part.save(out);
    }
  }

  static void loadAll(Collection<Part> parts, DataInput in, PartPool pool) throws IOException {
    for (int n = in.readInt(); n > 0; n--) {
      Part part = pool.take();
      part.load(in);
      parts.add(part);
    }
  }
}
