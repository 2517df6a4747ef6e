package io.kymo.protocol.redis;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;

/**
 * Commands that change what replies mean: SELECT, MULTI, SUBSCRIBE, MONITOR, CLIENT REPLY, RESET,
 * replication.
 */
final class Modes {
  private static final String[] NUMBERS = new String[16];
  private static final byte ON = 3; // CLIENT REPLY ON; OFF and SKIP are the session's values

  static {
    for (int i = 0; i < NUMBERS.length; i++) {
      NUMBERS[i] = Integer.toString(i);
    }
  }

  private Modes() {}

  /** Looks at argument {@code i} of the command being read. */
  static void argument(Input in, int i, int from, int to, RedisSession s, Message message) {
    switch (s.command.name()) {
      case "SELECT" -> {
        long number = i == 1 ? Resp.number(in, from, to) : -1;
        if (number >= 0 && number < Short.MAX_VALUE) {
          s.selects = (int) number;
        }
      }
      case "CLIENT" -> {
        if (i == 2 && message.operation().equals("CLIENT REPLY")) {
          s.replyOption =
              Commands.equalsIgnoreCase(in, from, to, "OFF")
                  ? RedisSession.REPLY_OFF
                  : Commands.equalsIgnoreCase(in, from, to, "SKIP")
                      ? RedisSession.REPLY_SKIP_NEXT
                      : ON;
        }
      }
      default -> {}
    }
  }

  /** The command is complete: what will answer it, and what it means for those that follow. */
  static void sent(RedisSession s, Message message) {
    message.attribute("db.system.name", "redis");
    message.attribute("db.operation.name", message.operation());
    if (s.database >= 0) {
      message.attribute(
          "db.namespace",
          s.database < NUMBERS.length ? NUMBERS[s.database] : Integer.toString(s.database));
    }
    boolean answered = s.replies == RedisSession.REPLY_ON;
    if (s.replies == RedisSession.REPLY_SKIP_NEXT) {
      s.replies = RedisSession.REPLY_ON;
    }
    if (s.queued >= 0) {
      s.queued++;
    }
    int kind = InFlight.PLAIN;
    int count = 1;
    switch (s.command.name()) {
      case "MULTI" -> s.queued = Math.max(0, s.queued);
      case "EXEC" -> {
        int queued = s.queued - 1;
        if (queued > 1) {
          message.attribute("db.operation.batch.size", Integer.toString(queued));
        }
        s.queued = RedisSession.NO_TRANSACTION;
      }
      case "DISCARD" -> s.queued = RedisSession.NO_TRANSACTION;
      case "SELECT" -> s.database = s.selects >= 0 ? s.selects : s.database;
      case "CLIENT" -> {
        if (s.replyOption != RedisSession.REPLY_ON) {
          s.replies = s.replyOption == ON ? RedisSession.REPLY_ON : s.replyOption;
          answered = s.replyOption == ON;
        }
      }
      case "SUBSCRIBE",
          "PSUBSCRIBE",
          "SSUBSCRIBE",
          "UNSUBSCRIBE",
          "PUNSUBSCRIBE",
          "SUNSUBSCRIBE" -> {
        if (s.queued < 0) {
          kind = PushKinds.confirms(s.command.name());
          count = s.arguments - 1;
        }
      }
      case "MONITOR" -> kind = InFlight.MONITOR;
      case "SYNC", "PSYNC" -> kind = InFlight.REPLICATION;
      case "RESET" -> {
        kind = InFlight.RESET;
        s.queued = RedisSession.NO_TRANSACTION;
        s.database = 0;
        answered = true;
        s.replies = RedisSession.REPLY_ON;
      }
      default -> {}
    }
    if (answered) {
      s.inFlight.sent(kind, count);
    } else {
      message.begin(Kind.ONE_WAY);
    }
  }
}
