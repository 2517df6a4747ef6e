package io.kymo.protocol.redis;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.redis.CommandSpec.Keys;

/**
 * What clients send: an array of bulk strings, or a line of words (inline command).
 *
 * <pre>
 * *count CRLF count × ( $length CRLF bytes CRLF )
 * word *( blank word ) CRLF
 * </pre>
 *
 * The name and keys are kept, every other argument becomes {@code ?}.
 */
final class CommandReader {
  /** Arguments that a statement shows. */
  private static final int MAX_SHOWN = 16;

  private static final int MAX_STATEMENT = 1024;
  private static final char MORE = '…';
  private static final int MAX_KEY = 128;
  private static final int MAX_VALUE = 64;

  private final boolean redactValues;

  CommandReader(boolean redactValues) {
    this.redactValues = redactValues;
  }

  Outcome read(Input in, RedisSession s, Message message) {
    if (in.length() == 0) {
      return Outcome.INCOMPLETE;
    }
    if (s.command != null) {
      return arguments(in, 0, s, message);
    }
    int type = in.at(0);
    if (type == '*') {
      return array(in, s, message);
    }
    if (type == '\r' || type == '\n') {
      return emptyLine(in);
    }
    return inline(in, s, message);
  }

  // Redis passes over them
  private static Outcome emptyLine(Input in) {
    int length = in.at(0) == '\n' ? 1 : 2;
    if (in.length() < length) {
      return Outcome.INCOMPLETE;
    }
    if (length == 2 && in.at(1) != '\n') {
      return Outcome.MALFORMED;
    }
    in.consume(length);
    return Outcome.SKIPPED;
  }

  private Outcome array(Input in, RedisSession s, Message message) {
    int end = Resp.lineEnd(in, 0, Resp.MAX_NUMBER_LINE);
    if (end < 0) {
      return end == Resp.MORE ? Outcome.INCOMPLETE : Outcome.MALFORMED;
    }
    long count = Resp.number(in, 1, end);
    if (count == Resp.NO_NUMBER || count < -1 || count > Resp.MAX_COUNT) {
      return Outcome.MALFORMED;
    }
    int pos = end + 2;
    if (count <= 0) {
      in.consume(pos); // passed over without an answer
      return Outcome.SKIPPED;
    }
    if (pos >= in.length()) {
      return Outcome.INCOMPLETE;
    }
    end = in.at(pos) == '$' ? Resp.lineEnd(in, pos, Resp.MAX_NUMBER_LINE) : Resp.BROKEN;
    if (end < 0) {
      return end == Resp.MORE ? Outcome.INCOMPLETE : Outcome.MALFORMED;
    }
    long length = Resp.number(in, pos + 1, end);
    if (length < 0 || length > Resp.SMALL) {
      return Outcome.MALFORMED;
    }
    pos = end + 2;
    int nameEnd = pos + (int) length;
    if (nameEnd + 2 > in.length()) {
      return Outcome.INCOMPLETE;
    }
    CommandSpec spec = Commands.find(in, pos, nameEnd);
    if (spec == null || !Resp.endsAt(in, nameEnd)) {
      return Outcome.MALFORMED;
    }
    begin(spec, (int) count, s, message);
    return arguments(in, nameEnd + 2, s, message);
  }

  private Outcome arguments(Input in, int from, RedisSession s, Message message) {
    StringBuilder statement = new StringBuilder(64).append(message.statement());
    long pos = from;
    while (s.next < s.arguments) {
      if (pos >= in.length()) {
        return paused(in, pos, statement, message);
      }
      int at = (int) pos;
      int end = in.at(at) == '$' ? Resp.lineEnd(in, at, Resp.MAX_NUMBER_LINE) : Resp.BROKEN;
      if (end == Resp.MORE) {
        return paused(in, pos, statement, message);
      }
      long length = end < 0 ? Resp.NO_NUMBER : Resp.number(in, at + 1, end);
      if (length < 0 || length > Resp.MAX_BULK) {
        return Outcome.MALFORMED;
      }
      int first = end + 2;
      if (length < Resp.SMALL) {
        int last = first + (int) length;
        if (last + 2 > in.length()) {
          return paused(in, pos, statement, message);
        }
        if (!Resp.endsAt(in, last)) {
          return Outcome.MALFORMED;
        }
        argument(in, first, last, s, statement, message);
      } else {
        // what is shown of it must be there
        if (in.length() - first < MAX_KEY) {
          return paused(in, pos, statement, message);
        }
        argument(in, first, first + MAX_KEY, s, statement, message);
      }
      pos = first + length + 2;
    }
    message.statement(statement.toString());
    finish(s, message);
    in.consume(pos);
    return Outcome.MESSAGE;
  }

  private static Outcome paused(Input in, long pos, StringBuilder statement, Message message) {
    if (pos == 0) {
      return Outcome.INCOMPLETE;
    }
    message.statement(statement.toString());
    in.consume(pos);
    return Outcome.SKIPPED;
  }

  private Outcome inline(Input in, RedisSession s, Message message) {
    int limit = Math.min(in.length(), Resp.MAX_LINE);
    int eol = in.indexOf((byte) '\n', 0, limit);
    int end = eol < 0 ? limit : eol > 0 && in.at(eol - 1) == '\r' ? eol - 1 : eol;
    for (int i = 0; i < end; i++) {
      int c = in.u8(i);
      if (c < 0x20 && c != '\t' && !(c == '\r' && i == end - 1)) {
        return Outcome.MALFORMED;
      }
    }
    int nameEnd = wordEnd(in, 0, end);
    if (nameEnd > Resp.MAX_NUMBER_LINE * 2 || eol < 0 && in.length() >= Resp.MAX_LINE) {
      return Outcome.MALFORMED;
    }
    if (eol < 0) {
      return Outcome.INCOMPLETE;
    }
    CommandSpec spec = Commands.known(in, 0, nameEnd);
    if (spec == null) {
      return Outcome.MALFORMED;
    }
    int words = 0;
    for (int i = 0; i < end; i = nextWord(in, wordEnd(in, i, end), end)) {
      words++;
    }
    begin(spec, words, s, message);
    StringBuilder statement = new StringBuilder(64).append(message.statement());
    for (int i = nextWord(in, nameEnd, end); i < end; ) {
      int wordEnd = wordEnd(in, i, end);
      boolean quoted = wordEnd - i >= 2 && (in.at(i) == '"' || in.at(i) == '\'');
      argument(in, quoted ? i + 1 : i, quoted ? wordEnd - 1 : wordEnd, s, statement, message);
      i = nextWord(in, wordEnd, end);
    }
    message.statement(statement.toString());
    finish(s, message);
    in.consume(eol + 1L);
    return Outcome.MESSAGE;
  }

  // quotes hold blanks together (sdssplitargs)
  private static int wordEnd(Input in, int from, int end) {
    int i = from;
    int quote = i < end && (in.at(i) == '"' || in.at(i) == '\'') ? in.at(i++) : 0;
    while (i < end) {
      int c = in.at(i++);
      if (c == '\\' && quote == '"') {
        i++;
      } else if (quote != 0 ? c == quote : c == ' ' || c == '\t') {
        return quote != 0 ? Math.min(i, end) : i - 1;
      }
    }
    return end;
  }

  private static int nextWord(Input in, int from, int end) {
    int i = from;
    while (i < end && (in.at(i) == ' ' || in.at(i) == '\t')) {
      i++;
    }
    return i;
  }

  private static void begin(CommandSpec spec, int arguments, RedisSession s, Message message) {
    s.resetCommand();
    s.command = spec;
    s.arguments = arguments;
    s.next = 1;
    if (spec.keys() == Keys.FIXED) {
      s.firstKey = spec.firstKey();
      s.lastKey = spec.lastKey() < 0 ? arguments + spec.lastKey() : spec.lastKey();
      s.keyStep = spec.step();
    }
    message.begin(Kind.REQUEST);
    message.operation(spec.name());
    message.statement(spec.name());
  }

  private void argument(
      Input in, int from, int to, RedisSession s, StringBuilder statement, Message message) {
    int i = s.next++;
    CommandSpec spec = s.command;
    if (i == 1 && spec.container()) {
      String operation = Commands.operation(spec, in, from, to);
      message.operation(operation);
      if (operation.length() > spec.name().length()) {
        statement.setLength(0);
        statement.append(operation);
        return;
      }
    }
    Modes.argument(in, i, from, to, s, message);
    boolean shown = i <= MAX_SHOWN && statement.length() <= MAX_STATEMENT;
    if (key(in, i, from, to, s)) {
      String key = in.utf8(from, Math.min(to, from + MAX_KEY));
      if (message.resource().isEmpty()) {
        message.resource(KeyPattern.of(key));
      }
      if (shown) {
        statement.append(' ').append(key);
      }
    } else if (shown) {
      boolean hidden = redactValues || spec.secret();
      statement.append(' ').append(hidden ? "?" : in.utf8(from, Math.min(to, from + MAX_VALUE)));
    }
    if (!shown && statement.charAt(statement.length() - 1) != MORE) {
      statement.append(' ').append(MORE);
    }
  }

  private static boolean key(Input in, int i, int from, int to, RedisSession s) {
    CommandSpec spec = s.command;
    switch (spec.keys()) {
      case FIXED -> {}
      case COUNTED, COUNTED_AND_FIRST -> {
        if (i == spec.firstKey()) {
          long count = Resp.number(in, from, to);
          s.firstKey = i + 1;
          s.lastKey = (int) Math.min(i + Math.max(0, count), s.arguments - 1);
          return false;
        }
        if (i == 1 && spec.keys() == Keys.COUNTED_AND_FIRST) {
          return true;
        }
      }
      case STREAMS -> {
        if (s.firstKey == 0 && Commands.equalsIgnoreCase(in, from, to, "STREAMS")) {
          s.firstKey = i + 1;
          s.lastKey = i + (s.arguments - i - 1) / 2;
          return false;
        }
      }
    }
    return s.firstKey > 0 && i >= s.firstKey && i <= s.lastKey && (i - s.firstKey) % s.keyStep == 0;
  }

  /** The command is complete, or what there is of it. */
  static void finish(RedisSession s, Message message) {
    Modes.sent(s, message);
    s.resetCommand();
  }
}
