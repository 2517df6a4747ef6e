package io.kymo.processor.topology;

/** A record that can never be processed. */
final class DeadLetterException extends Exception {
  private final String reason;

  DeadLetterException(String reason, String detail, Throwable cause) {
    super(detail, cause);
    this.reason = reason;
  }

  /** Of low cardinality. */
  String reason() {
    return reason;
  }
}
