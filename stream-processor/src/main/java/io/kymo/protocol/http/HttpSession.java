package io.kymo.protocol.http;

import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Where both directions of a connection stand, and what the requests in flight mean for the bodies
 * of their responses.
 */
final class HttpSession implements Session {
  /** What the next bytes of a direction are. */
  enum Phase {
    START,
    HEAD,
    CHUNK_SIZE,
    CHUNK_END,
    TRAILERS,
    /** A response body that ends with the connection. */
    UNTIL_CLOSE,
    /**
     * Behind a request whose body length is contradictory: its server has to refuse it and close
     * (RFC 9112 section 6.3).
     */
    UNFRAMED,
    /** A first line that is no request line. */
    UNREADABLE,
    /** Behind the preface of HTTP/2 (RFC 9113 section 3.4), until the server has said something. */
    PREFACE
  }

  /** What a request in flight means for its response. */
  static final byte PLAIN = 0;

  static final byte HEAD = 1;
  static final byte CONNECT = 2;
  static final byte UPGRADE = 3;

  static final long NO_LENGTH = -1;
  static final long BAD_LENGTH = -2;

  /** More requests than this are never in flight; the oldest are forgotten. */
  private static final int MAX_IN_FLIGHT = 4096;

  private static final Phase[] PHASES = Phase.values();

  /** One direction. */
  static final class Direction {
    Phase phase = Phase.START;
    int headBytes;
    int status;
    byte request;
    long contentLength = NO_LENGTH;
    boolean coded;
    boolean chunked;
    boolean traceparent;

    /** It does not begin with a request line; it is in flight all the same. */
    boolean unreadable;

    String upgrade = "";
    long bodyBytes;

    void reset() {
      phase = Phase.START;
      headBytes = 0;
      status = 0;
      request = PLAIN;
      contentLength = NO_LENGTH;
      coded = false;
      chunked = false;
      traceparent = false;
      unreadable = false;
      upgrade = "";
      bodyBytes = 0;
    }

    private void save(DataOutput out) throws IOException {
      out.writeByte(phase.ordinal());
      if (phase == Phase.START) {
        return;
      }
      out.writeInt(headBytes);
      out.writeShort(status);
      out.writeByte(request);
      out.writeLong(contentLength);
      out.writeByte(
          (coded ? 1 : 0) | (chunked ? 2 : 0) | (traceparent ? 4 : 0) | (unreadable ? 8 : 0));
      out.writeUTF(upgrade);
      out.writeLong(bodyBytes);
    }

    private void load(DataInput in) throws IOException {
      reset();
      phase = PHASES[in.readByte()];
      if (phase == Phase.START) {
        return;
      }
      headBytes = in.readInt();
      status = in.readShort();
      request = in.readByte();
      contentLength = in.readLong();
      int flags = in.readByte();
      coded = (flags & 1) != 0;
      chunked = (flags & 2) != 0;
      traceparent = (flags & 4) != 0;
      unreadable = (flags & 8) != 0;
      upgrade = in.readUTF();
      bodyBytes = in.readLong();
    }
  }

  private final Direction client = new Direction();
  private final Direction server = new Direction();

  /**
   * All bytes of the client were seen since the connection began: what is no request line is not
   * the middle of something else.
   */
  private boolean inStep;

  // ring of request kinds, oldest at head
  private byte[] requests = new byte[8];
  private int head;
  private int count;

  HttpSession(boolean inStep) {
    this.inStep = inStep;
  }

  boolean inStep() {
    return inStep;
  }

  /** Some bytes of the client were not seen. */
  void outOfStep() {
    inStep = false;
  }

  Direction direction(Side side) {
    return side == Side.CLIENT ? client : server;
  }

  boolean requestInFlight() {
    return count > 0;
  }

  /** What the client says next depends on how the server answers what it said last. */
  boolean held() {
    return count > 0 && requests[(head + count - 1) % requests.length] >= CONNECT;
  }

  byte oldestRequest() {
    return count == 0 ? PLAIN : requests[head];
  }

  void requestSent(byte kind) {
    if (count == MAX_IN_FLIGHT) {
      requestAnswered();
    }
    if (count == requests.length) {
      byte[] larger = new byte[count * 2];
      for (int i = 0; i < count; i++) {
        larger[i] = requests[(head + i) % count];
      }
      requests = larger;
      head = 0;
    }
    requests[(head + count) % requests.length] = kind;
    count++;
  }

  void requestAnswered() {
    if (count > 0) {
      head = (head + 1) % requests.length;
      count--;
    }
  }

  /** Bytes were lost: the requests in flight are forgotten. */
  void lost() {
    inStep = false;
    head = 0;
    count = 0;
  }

  @Override
  public void save(DataOutput out) throws IOException {
    client.save(out);
    server.save(out);
    out.writeBoolean(inStep);
    out.writeShort(count);
    for (int i = 0; i < count; i++) {
      out.writeByte(requests[(head + i) % requests.length]);
    }
  }

  @Override
  public void load(DataInput in) throws IOException {
    client.load(in);
    server.load(in);
    inStep = in.readBoolean();
    count = in.readShort();
    head = 0;
    requests = new byte[Math.max(8, Integer.highestOneBit(Math.max(1, count)) * 2)];
    for (int i = 0; i < count; i++) {
      requests[i] = in.readByte();
    }
  }

  @Override
  public int weight() {
    return 256 + requests.length;
  }

  @Override
  public String toString() {
    return client.phase
        + "/"
        + server.phase
        + " in flight "
        + Arrays.toString(Arrays.copyOf(requests, Math.min(count, 8)));
  }
}
