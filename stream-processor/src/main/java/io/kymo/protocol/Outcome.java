package io.kymo.protocol;

/**
 * What one call of {@link Parser#decode} came to. A closed set: switch over it without a default.
 */
public enum Outcome {
  /** The {@link Message} is complete; {@link Input#consumed()} bytes belong to it, at least one. */
  MESSAGE,
  /**
   * Bytes were consumed, at least one, that complete no message. They count as part of the current
   * message when it has {@linkplain Message#begin begun}, else as skipped.
   */
  SKIPPED,
  /** More bytes are needed. Nothing is consumed. */
  INCOMPLETE,
  /** These bytes are not this protocol, or break its rules. Nothing is consumed. */
  MALFORMED,
  /**
   * The connection stops speaking this protocol behind the consumed bytes (at least one); {@link
   * Input#switchedTo()} says to what. A begun message is complete.
   */
  SWITCHED
}
