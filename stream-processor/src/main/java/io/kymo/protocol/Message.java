package io.kymo.protocol;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One request, response or one-way message as a parser understands it. The driver adds times,
 * positions and sizes.
 */
public final class Message {
  /** No correlation id: responses come in the order of their requests. */
  public static final long IN_ORDER = -1;

  /** Which part of an exchange it is. */
  public enum Kind {
    REQUEST,
    RESPONSE,
    /** Has no answer, and is none (a push, a notification). */
    ONE_WAY
  }

  private static final Kind[] KINDS = Kind.values();
  private static final Status[] STATUSES = Status.values();

  private Kind kind;
  private long correlation = IN_ORDER;
  private String operation = "";
  private String resource = "";
  private String statement = "";
  private Status status = Status.UNKNOWN;
  private String statusCode = "";
  private String errorType = "";
  private String traceId = "";
  private String spanId = "";
  private boolean truncated;
  private boolean endedWithin;
  private boolean unreported;
  private int skippedRequests;
  private long moreRequestBytes;
  private final Map<String, String> attributes = new LinkedHashMap<>();

  public void clear() {
    kind = null;
    correlation = IN_ORDER;
    operation = "";
    resource = "";
    statement = "";
    status = Status.UNKNOWN;
    statusCode = "";
    errorType = "";
    traceId = "";
    spanId = "";
    truncated = false;
    endedWithin = false;
    unreported = false;
    skippedRequests = 0;
    moreRequestBytes = 0;
    attributes.clear();
  }

  /** From now on consumed bytes of this side belong to this message. */
  public void begin(Kind kind) {
    this.kind = kind;
  }

  public boolean begun() {
    return kind != null;
  }

  public Kind kind() {
    return kind;
  }

  /**
   * Pairs by id instead of by order; ids ≥ 0, unique among the requests in flight of one
   * connection.
   */
  public void correlation(long id) {
    this.correlation = id;
  }

  public long correlation() {
    return correlation;
  }

  /** Low cardinality: GET, SELECT, HGETALL, A. */
  public void operation(String operation) {
    this.operation = operation;
  }

  public String operation() {
    return operation;
  }

  /** Low cardinality where possible: route, table, key pattern, domain. */
  public void resource(String resource) {
    this.resource = resource;
  }

  public String resource() {
    return resource;
  }

  /** Already obfuscated. */
  public void statement(String statement) {
    this.statement = statement;
  }

  public String statement() {
    return statement;
  }

  public void status(Status status, String code) {
    this.status = status;
    this.statusCode = code;
  }

  /**
   * The connection ended within this response: it is not {@link Status#OK}, whatever it began with.
   */
  public void brokenOff() {
    endedWithin = true;
    if (status == Status.OK) {
      status = Status.CONNECTION_CLOSED;
      errorType = "connection_closed";
    }
  }

  /**
   * The connection was reset within this response: unless it tells of an error, that is how it
   * ended.
   *
   * @param usable whether what is there makes a response; else only its bytes count
   */
  public void reset(boolean usable) {
    endedWithin = true;
    if (!usable) {
      statusCode = "";
      unreported = false;
      skippedRequests = 0;
      attributes.clear();
    }
    if (!usable || status != Status.CLIENT_ERROR && status != Status.SERVER_ERROR) {
      status = Status.RESET;
      errorType = "reset";
    }
  }

  /** Was this response {@link #brokenOff} or {@link #reset}? Known until it is handed over. */
  public boolean endedWithin() {
    return endedWithin;
  }

  public Status status() {
    return status;
  }

  public String statusCode() {
    return statusCode;
  }

  /** OpenTelemetry's error.type: low cardinality, empty on success. */
  public void errorType(String errorType) {
    this.errorType = errorType;
  }

  public String errorType() {
    return errorType;
  }

  /**
   * Lower-case hex, 32 and 16 digits; a b3 trace id of 16 digits is padded with zeros on the left.
   */
  public void trace(String traceId, String spanId) {
    this.traceId = traceId;
    this.spanId = spanId;
  }

  public String traceId() {
    return traceId;
  }

  public String spanId() {
    return spanId;
  }

  /** Part of it was not captured. */
  public void markTruncated() {
    this.truncated = true;
  }

  public boolean truncated() {
    return truncated;
  }

  /**
   * For a response: the exchange makes no row. For housekeeping that went well and that no user
   * would call a request (PostgreSQL's Parse without Execute).
   */
  public void markUnreported() {
    this.unreported = true;
  }

  public boolean unreported() {
    return unreported;
  }

  /**
   * For a response in order: the {@code count} requests that follow its own get none and make no
   * rows. The server passed over them (PostgreSQL, from an error to the next Sync).
   */
  public void skipsRequests(int count) {
    this.skippedRequests = count;
  }

  public int skippedRequests() {
    return skippedRequests;
  }

  /**
   * For a response: bytes of the request's side that belong to the exchange but came after the
   * request's message (an upload that the server asked for).
   */
  public void moreRequestBytes(long bytes) {
    this.moreRequestBytes = bytes;
  }

  public long moreRequestBytes() {
    return moreRequestBytes;
  }

  /** Sets an attribute by OpenTelemetry's exact key; null or empty values are left out. */
  public void attribute(String key, String value) {
    if (value != null && !value.isEmpty()) {
      attributes.put(key, value);
    }
  }

  public Map<String, String> attributes() {
    return attributes;
  }

  public void save(DataOutput out) throws IOException {
    out.writeByte(kind == null ? -1 : kind.ordinal());
    out.writeLong(correlation);
    out.writeUTF(cut(operation));
    out.writeUTF(cut(resource));
    out.writeUTF(cut(statement));
    out.writeByte(status.ordinal());
    out.writeUTF(cut(statusCode));
    out.writeUTF(cut(errorType));
    out.writeUTF(traceId);
    out.writeUTF(spanId);
    out.writeByte((truncated ? 1 : 0) | (unreported ? 2 : 0));
    out.writeInt(skippedRequests);
    out.writeLong(moreRequestBytes);
    out.writeShort(attributes.size());
    for (Map.Entry<String, String> e : attributes.entrySet()) {
      out.writeUTF(e.getKey());
      out.writeUTF(cut(e.getValue()));
    }
  }

  public void load(DataInput in) throws IOException {
    clear();
    int k = in.readByte();
    kind = k < 0 ? null : KINDS[k];
    correlation = in.readLong();
    operation = in.readUTF();
    resource = in.readUTF();
    statement = in.readUTF();
    status = STATUSES[in.readByte()];
    statusCode = in.readUTF();
    errorType = in.readUTF();
    traceId = in.readUTF();
    spanId = in.readUTF();
    int flags = in.readByte();
    truncated = (flags & 1) != 0;
    unreported = (flags & 2) != 0;
    skippedRequests = in.readInt();
    moreRequestBytes = in.readLong();
    for (int n = in.readShort(); n > 0; n--) {
      attributes.put(in.readUTF(), in.readUTF());
    }
  }

  // DataOutput.writeUTF takes 65,535 bytes; 16,384 chars are at most 49,152
  private static String cut(String s) {
    return s.length() <= 16_384 ? s : s.substring(0, 16_384);
  }
}
