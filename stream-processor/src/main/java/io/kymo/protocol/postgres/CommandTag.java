package io.kymo.protocol.postgres;

import io.kymo.protocol.Input;

/**
 * CommandComplete's tag (§55.7): {@code SELECT rows}, {@code INSERT oid rows}, {@code UPDATE rows},
 * …, or words without a number.
 */
final class CommandTag {
  private CommandTag() {}

  /** Adds its rows to the answer's. A simple query may hold several commands. */
  static void count(Input in, int to, PostgresSession s) {
    int zero = in.indexOf((byte) 0, Frame.HEADER, to);
    int end = zero < 0 ? to : zero;
    int digits = end;
    while (digits > Frame.HEADER && in.at(digits - 1) >= '0' && in.at(digits - 1) <= '9') {
      digits--;
    }
    if (zero < 0 || digits == end || end - digits > 18 || in.at(digits - 1) != ' ') {
      return;
    }
    long rows = Long.parseLong(in.latin1(digits, end));
    int blank = in.indexOf((byte) ' ', Frame.HEADER, end);
    switch (in.latin1(Frame.HEADER, blank)) {
      case "SELECT", "FETCH" -> returned(s, rows);
      case "INSERT", "UPDATE", "DELETE", "MERGE" -> s.affected += rows;
      case "COPY" -> {
        if (s.copyIn) {
          s.affected += rows;
        } else {
          returned(s, rows);
        }
      }
      default -> {} // MOVE: neither
    }
  }

  private static void returned(PostgresSession s, long rows) {
    s.counted = true;
    s.returned += rows;
  }
}
