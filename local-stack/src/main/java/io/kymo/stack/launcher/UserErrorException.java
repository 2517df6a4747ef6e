package io.kymo.stack.launcher;

/** Something that the user can put right; the message says how. Exit code 1. */
final class UserErrorException extends RuntimeException {
  UserErrorException(String message) {
    super(message);
  }
}
