package io.kymo.protocol.redis;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Status;

/**
 * What servers send. RESP2 has the first five types, RESP3 all:
 *
 * <pre>
 * + simple string   - error        : integer   $ bulk string   * array
 * _ null            # boolean      , double    ( big number    ! bulk error    = verbatim string
 * % map             ~ set          &gt; push      | attributes, before the value that they belong to
 * $? ;… ;0          *? … .         strings and aggregates of unknown length
 * </pre>
 */
final class ReplyReader {
  // levels of nesting that are not counted down
  private static final long UNTIL_DOT = -1;
  private static final long STRING_CHUNKS = -2;

  private ReplyReader() {}

  static Outcome read(Input in, RedisSession s, Message message) {
    if (in.length() == 0) {
      return Outcome.INCOMPLETE;
    }
    if (s.depth == 0) {
      Outcome early = begin(in, s, message);
      if (early != null) {
        return early;
      }
    }
    return elements(in, 0, s, message);
  }

  /**
   * At the first byte of a reply: whose answer is it?
   *
   * @return null when it is now to be read
   */
  private static Outcome begin(Input in, RedisSession s, Message message) {
    int type = in.at(0);
    int oldest = s.inFlight.oldest();
    if (type == '\n' && oldest == InFlight.REPLICATION) {
      in.consume(1); // a master keeps the line alive while it prepares
      return Outcome.SKIPPED;
    }
    int end = type == '\n' && oldest == InFlight.NONE ? Resp.MORE : headerEnd(in, 0);
    if (end == Resp.BROKEN) {
      return Outcome.MALFORMED;
    }
    if (oldest == InFlight.NONE && end >= 0 && type == '+' && Monitor.line(in, 1, end)) {
      s.monitoring = true;
    }
    boolean pushed =
        type == '>' || type == '*' && mayBePublished(oldest, s) || type == '+' && s.monitoring;
    if (end == Resp.MORE || oldest == InFlight.NONE && !pushed) {
      return wait(in, oldest == InFlight.NONE && !pushed);
    }
    if (oldest == InFlight.REPLICATION && type != '-') {
      return replication(in, end, s, message);
    }
    if (s.monitoring && type == '+' && Monitor.line(in, 1, end)) {
      oneWay("MONITOR", message);
      in.consume(end + 2L);
      return Outcome.MESSAGE;
    }
    boolean subscribing = oldest > InFlight.PLAIN && oldest <= InFlight.SUNSUBSCRIBE;
    int kind = pushed || type == '*' && subscribing ? pushKind(in, end) : PushKinds.OTHER;
    if (kind == Resp.MORE) {
      return Outcome.INCOMPLETE;
    }
    if (kind > PushKinds.OTHER && kind < PushKinds.MESSAGE) {
      return confirmation(in, kind, oldest, s, message);
    }
    if (type == '>' || kind >= PushKinds.MESSAGE) {
      oneWay(PushKinds.operation(kind), message);
      if (kind >= PushKinds.MESSAGE && !channel(in, end, message)) {
        return Outcome.INCOMPLETE;
      }
    } else if (oldest == InFlight.NONE) {
      return wait(in, true);
    } else {
      reply(in, type, end, s, message);
    }
    s.push(1);
    return null;
  }

  private static boolean mayBePublished(int oldest, RedisSession s) {
    return s.subscribed == RedisSession.YES
        || s.subscribed == RedisSession.MAYBE && oldest == InFlight.NONE;
  }

  private static Outcome wait(Input in, boolean forRequest) {
    if (forRequest) {
      in.awaitRequest();
    }
    return Outcome.INCOMPLETE;
  }

  private static Outcome confirmation(
      Input in, int kind, int oldest, RedisSession s, Message message) {
    if (oldest == InFlight.NONE && kind != s.unsubscribing) {
      return wait(in, true);
    }
    if (oldest == kind) {
      answer(message);
    }
    s.confirmation = true;
    s.push(1);
    return null;
  }

  private static void reply(Input in, int type, int end, RedisSession s, Message message) {
    answer(message);
    s.unsubscribing = PushKinds.OTHER;
    s.attributes = type == '|';
    if (type != '*' && type != '|') {
      s.subscribed = RedisSession.NO; // in RESP2, all that is allowed then is answered by arrays
    }
    if (type == '-') {
      ReplyErrors.set(in, 1, end, message);
    } else if (type == '!') {
      ReplyErrors.set(in, end + 2, Math.min(in.length(), end + 2 + 64), message);
    }
  }

  private static Outcome replication(Input in, int end, RedisSession s, Message message) {
    answer(message);
    s.inFlight.answered();
    in.switchTo("replication");
    in.consume(end + 2L);
    return Outcome.SWITCHED;
  }

  static void answer(Message message) {
    if (!message.begun()) {
      message.begin(Kind.RESPONSE);
      message.status(Status.OK, "");
    }
  }

  private static void oneWay(String operation, Message message) {
    message.begin(Kind.ONE_WAY);
    message.operation(operation);
    message.status(Status.OK, "");
    message.attribute("db.system.name", "redis");
    message.attribute("db.operation.name", operation);
  }

  /**
   * The kind that the first element names, MORE when it is not there yet; {@code end} is the
   * aggregate's line end.
   */
  private static int pushKind(Input in, int end) {
    long count = Resp.number(in, 1, end);
    int pos = end + 2;
    if (count < 2) {
      return PushKinds.OTHER;
    }
    if (pos >= in.length()) {
      return Resp.MORE;
    }
    if (in.at(pos) != '$') {
      return PushKinds.OTHER;
    }
    int lengthEnd = Resp.lineEnd(in, pos, Resp.MAX_NUMBER_LINE);
    if (lengthEnd < 0) {
      return lengthEnd == Resp.MORE ? Resp.MORE : PushKinds.OTHER;
    }
    long length = Resp.number(in, pos + 1, lengthEnd);
    int from = lengthEnd + 2;
    if (length < 1 || length > PushKinds.MAX_WORD) {
      return PushKinds.OTHER;
    }
    if (from + length > in.length()) {
      return Resp.MORE;
    }
    int kind = PushKinds.of(in, from, from + (int) length);
    return count == (kind == PushKinds.PMESSAGE ? 4 : 3) ? kind : PushKinds.OTHER;
  }

  /**
   * Is it a published message or the confirmation of a subscription? Needs no request to be known.
   */
  static boolean published(Input in) {
    int end =
        in.length() > 0 && (in.at(0) == '*' || in.at(0) == '>') ? headerEnd(in, 0) : Resp.BROKEN;
    return end > 0 && pushKind(in, end) > PushKinds.OTHER;
  }

  /**
   * The second element of a published message is the channel or pattern; false when it is not there
   * yet.
   */
  private static boolean channel(Input in, int end, Message message) {
    int pos = Resp.lineEnd(in, end + 2, Resp.MAX_NUMBER_LINE);
    pos += 2 + (int) Resp.number(in, end + 3, pos) + 2;
    int lengthEnd = pos < in.length() ? Resp.lineEnd(in, pos, Resp.MAX_NUMBER_LINE) : Resp.MORE;
    if (lengthEnd < 0 || in.at(pos) != '$') {
      return lengthEnd != Resp.MORE; // what is wrong with it is found when it is read
    }
    long length = Resp.number(in, pos + 1, lengthEnd);
    if (length < 0 || length > 128) {
      return true;
    }
    int from = lengthEnd + 2;
    if (from + length > in.length()) {
      return false;
    }
    message.resource(KeyPattern.of(in.utf8(from, from + (int) length)));
    return true;
  }

  /** End of the line that begins a value, checked against its type; MORE; or BROKEN. */
  static int headerEnd(Input in, int pos) {
    int type = in.at(pos);
    switch (type) {
      case '+', '-', '_', '#', ',', '(', ':' -> {
        int end = Resp.lineEnd(in, pos, type == ':' ? Resp.MAX_NUMBER_LINE : Resp.MAX_LINE);
        return end < 0 || Resp.scalar(type, in, pos + 1, end) ? end : Resp.BROKEN;
      }
      case '$', '=', '!', ';' -> {
        int end = Resp.lineEnd(in, pos, Resp.MAX_NUMBER_LINE);
        return end < 0 || Resp.length(in, pos + 1, end, Resp.MAX_BULK) != Resp.NO_NUMBER
            ? bulkEnd(in, type, pos, end)
            : Resp.BROKEN;
      }
      case '*', '%', '~', '>', '|' -> {
        int end = Resp.lineEnd(in, pos, Resp.MAX_NUMBER_LINE);
        return end < 0 || Resp.length(in, pos + 1, end, Resp.MAX_COUNT) != Resp.NO_NUMBER
            ? end
            : Resp.BROKEN;
      }
      case '.' -> {
        int end = Resp.lineEnd(in, pos, 3);
        return end < 0 || end == pos + 1 ? end : Resp.BROKEN;
      }
      default -> {
        return Resp.BROKEN;
      }
    }
  }

  // a small string is looked at only as a whole
  private static int bulkEnd(Input in, int type, int pos, int end) {
    if (end < 0) {
      return end;
    }
    long length = Resp.length(in, pos + 1, end, Resp.MAX_BULK);
    if (length == Resp.STREAMED) {
      return type == '$' ? end : Resp.BROKEN;
    }
    if (length < 0) {
      return type == '$' ? end : Resp.BROKEN;
    }
    if (type == ';' && length == 0 || length >= Resp.SMALL) {
      return end;
    }
    int last = end + 2 + (int) length;
    if (last + 2 > in.length()) {
      return Resp.MORE;
    }
    return Resp.endsAt(in, last) ? end : Resp.BROKEN;
  }

  private static Outcome elements(Input in, int from, RedisSession s, Message message) {
    long pos = from;
    while (true) {
      while (s.depth > 0 && s.levels[s.depth - 1] == 0) {
        s.depth--;
      }
      if (s.depth == 0) {
        return done(in, pos, s, message);
      }
      if (pos >= in.length()) {
        return progress(in, pos);
      }
      int end = headerEnd(in, (int) pos);
      if (end == Resp.MORE) {
        return progress(in, pos);
      }
      if (end == Resp.BROKEN) {
        return Outcome.MALFORMED;
      }
      pos = element(in, (int) pos, end, s);
      if (pos < 0) {
        return Outcome.MALFORMED;
      }
    }
  }

  private static Outcome progress(Input in, long pos) {
    if (pos == 0) {
      return Outcome.INCOMPLETE;
    }
    in.consume(pos);
    return Outcome.SKIPPED;
  }

  /** Takes one element, or the head of an aggregate; the offset behind it, or BROKEN. */
  private static long element(Input in, int pos, int end, RedisSession s) {
    int type = in.at(pos);
    long level = s.levels[s.depth - 1];
    long next = end + 2L;
    if ((type == ';') != (level == STRING_CHUNKS) || type == '.' && level != UNTIL_DOT) {
      return Resp.BROKEN;
    }
    if (type == '.') {
      s.depth--;
      return next;
    }
    // attributes stand before a value and are none, but at the top, where they are skipped by
    // themselves
    if (level > 0 && (type != '|' || s.depth == 1)) {
      s.levels[s.depth - 1] = level - 1;
    }
    switch (type) {
      case '$', '=', '!' -> {
        long length = Resp.length(in, pos + 1, end, Resp.MAX_BULK);
        if (length == Resp.STREAMED) {
          return s.push(STRING_CHUNKS) ? next : Resp.BROKEN;
        }
        return length < 0 ? next : next + length + 2;
      }
      case ';' -> {
        long length = Resp.length(in, pos + 1, end, Resp.MAX_BULK);
        if (length == 0) {
          s.depth--;
          return next;
        }
        return next + length + 2;
      }
      case '*', '~', '%', '|', '>' -> {
        if (type == '>' && s.depth > 1) {
          return Resp.BROKEN; // only between replies
        }
        long count = Resp.length(in, pos + 1, end, Resp.MAX_COUNT);
        if (count < 0 && count != Resp.STREAMED && type != '*') {
          return Resp.BROKEN;
        }
        if (count == -1) {
          return next;
        }
        long left =
            count == Resp.STREAMED ? UNTIL_DOT : type == '%' || type == '|' ? count * 2 : count;
        return s.push(left) ? next : Resp.BROKEN;
      }
      case ':' -> {
        if (s.confirmation) {
          s.lastInteger = Resp.number(in, pos + 1, end);
        }
        return next;
      }
      default -> {
        return next;
      }
    }
  }

  private static Outcome done(Input in, long pos, RedisSession s, Message message) {
    boolean confirmation = s.confirmation;
    boolean attributes = s.attributes;
    long left = s.lastInteger;
    s.resetReply();
    in.consume(pos);
    if (attributes) {
      return Outcome.SKIPPED; // the reply follows
    }
    if (confirmation) {
      s.subscribed = left != 0 ? RedisSession.YES : RedisSession.NO;
      return confirmed(left, s, message) ? Outcome.MESSAGE : Outcome.SKIPPED;
    }
    if (message.kind() == Kind.RESPONSE) {
      answered(s, message);
    }
    return Outcome.MESSAGE;
  }

  private static boolean confirmed(long left, RedisSession s, Message message) {
    if (!message.begun()) {
      return false;
    }
    // without arguments: each subscription is confirmed, how many there were is not known
    s.unsubscribing = s.inFlight.forAll() && left != 0 ? s.inFlight.oldest() : PushKinds.OTHER;
    return s.inFlight.confirmed();
  }

  /** The oldest command has its answer. */
  static void answered(RedisSession s, Message message) {
    int kind = s.inFlight.oldest();
    if (kind == InFlight.MONITOR && message.errorType().isEmpty()) {
      s.monitoring = true;
    } else if (kind == InFlight.RESET && message.errorType().isEmpty()) {
      s.monitoring = false;
      s.subscribed = RedisSession.NO;
    }
    s.inFlight.answered();
  }
}
