package io.kymo.protocol.redis;

import io.kymo.protocol.Input;

/** First words of what a server sends unasked: a push in RESP3, an array in RESP2. */
final class PushKinds {
  /** None of them. */
  static final int OTHER = 0;

  /** A published message; smaller kinds are the confirmations, numbered as in {@link InFlight}. */
  static final int MESSAGE = 10;

  static final int PMESSAGE = 11;
  static final int SMESSAGE = 12;

  private static final String[] CONFIRMATIONS = {
    "", "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE"
  };

  /** Length of the longest. */
  static final int MAX_WORD = 12;

  private PushKinds() {}

  static int confirms(String command) {
    for (int i = 1; i < CONFIRMATIONS.length; i++) {
      if (CONFIRMATIONS[i].equals(command)) {
        return i;
      }
    }
    return OTHER;
  }

  static int of(Input in, int from, int to) {
    for (int i = 1; i < CONFIRMATIONS.length; i++) {
      if (Commands.equalsIgnoreCase(in, from, to, CONFIRMATIONS[i])) {
        return i;
      }
    }
    if (Commands.equalsIgnoreCase(in, from, to, "MESSAGE")) {
      return MESSAGE;
    }
    if (Commands.equalsIgnoreCase(in, from, to, "PMESSAGE")) {
      return PMESSAGE;
    }
    return Commands.equalsIgnoreCase(in, from, to, "SMESSAGE") ? SMESSAGE : OTHER;
  }

  static String operation(int kind) {
    return switch (kind) {
      case MESSAGE -> "MESSAGE";
      case PMESSAGE -> "PMESSAGE";
      case SMESSAGE -> "SMESSAGE";
      default -> "PUSH";
    };
  }
}
