package io.kymo.schemas.wire;

/**
 * A Kafka value that is not what it should be. The record belongs to the dead letters, with {@link
 * #reason()}.
 */
public final class UnreadableRecordException extends Exception {
  private final String reason;

  public UnreadableRecordException(String reason, String detail, Throwable cause) {
    super(detail, cause);
    this.reason = reason;
  }

  /** Of low cardinality: not_framed, unknown_schema, incompatible_schema, malformed. */
  public String reason() {
    return reason;
  }
}
