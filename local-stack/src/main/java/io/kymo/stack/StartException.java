package io.kymo.stack;

/** A process cannot start; the message is one line that says what to do. Ends it with exit 2. */
public final class StartException extends Exception {
  public StartException(String message) {
    super(message);
  }
}
