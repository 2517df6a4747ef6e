package io.kymo.processor.pairing;

import io.kymo.protocol.Status;

/**
 * How a request in flight came to its end. Without a response, the status and error.type of its row
 * come from here.
 */
public enum Ending {
  /** Its response was decoded. */
  ANSWERED(Status.UNKNOWN, ""),
  /** Needs no response: pushes, notifications. */
  ONE_WAY(Status.UNKNOWN, ""),
  /** No response within the pairing timeout, in stream time. */
  TIMEOUT(Status.TIMEOUT, "timeout"),
  CONNECTION_CLOSED(Status.CONNECTION_CLOSED, "connection_closed"),
  RESET(Status.RESET, "reset"),
  /** Bytes were lost: which response belongs to it can no longer be told. */
  CAPTURE_GAP(Status.UNKNOWN, "capture_gap"),
  /** Its response lies in bytes that were seen but not captured. */
  CAPTURE_TRUNCATED(Status.UNKNOWN, "capture_truncated"),
  /**
   * Bytes were lost earlier, and the client does not wait for its answers: they cannot be told
   * apart any more.
   */
  AMBIGUOUS(Status.UNKNOWN, "ambiguous"),
  /** The bytes where its response should be break the protocol's rules. */
  MALFORMED(Status.UNKNOWN, "malformed"),
  /** Parsing of the connection stopped. */
  OPAQUE(Status.UNKNOWN, "opaque"),
  /** More requests in flight than are kept. */
  OVERFLOW(Status.UNKNOWN, "overflow");

  private final Status status;
  private final String errorType;

  Ending(Status status, String errorType) {
    this.status = status;
    this.errorType = errorType;
  }

  public Status status() {
    return status;
  }

  public String errorType() {
    return errorType;
  }
}
