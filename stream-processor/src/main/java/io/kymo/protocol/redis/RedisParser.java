package io.kymo.protocol.redis;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Message.Kind;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import io.kymo.protocol.Verdict;

/**
 * Redis, RESP2 and RESP3. Replies come in the order of commands; published messages, other pushes
 * and MONITOR's lines are one-way, as are commands that CLIENT REPLY OFF or SKIP leaves without a
 * reply. A command that subscribes is answered by one confirmation a channel: they are its response
 * together. SYNC and PSYNC end the protocol: replication follows.
 */
public final class RedisParser implements Parser {
  private final CommandReader commands;

  public RedisParser(Privacy privacy) {
    commands = new CommandReader(privacy.redisValues());
  }

  @Override
  public Verdict recognise(Input client, Input server, Flow flow) {
    if (!flow.transport().stream()) {
      return Verdict.NO;
    }
    return Recognition.of(client, server, flow);
  }

  @Override
  public Session newSession(Flow flow) {
    return new RedisSession(flow.fromStart());
  }

  @Override
  public Outcome decode(Input in, Side side, Session session, Message message) {
    RedisSession s = (RedisSession) session;
    Outcome outcome =
        side == Side.CLIENT ? commands.read(in, s, message) : ReplyReader.read(in, s, message);
    if (outcome == Outcome.MALFORMED) {
      reset(side, s);
    }
    return outcome;
  }

  private static void reset(Side side, RedisSession s) {
    if (side == Side.CLIENT) {
      s.resetCommand();
    } else {
      s.resetReply();
    }
  }

  @Override
  public boolean truncated(Input in, Side side, Session session, Message message) {
    RedisSession s = (RedisSession) session;
    if (side == Side.CLIENT) {
      if (s.command == null) {
        return false;
      }
      CommandReader.finish(s, message);
    } else if (s.depth == 0 && !message.begun()) {
      if (in.length() == 0 || in.at(0) == '>' || s.inFlight.oldest() == InFlight.NONE) {
        return false;
      }
      beginning(in, message);
      ReplyReader.answered(s, message);
    } else {
      if (message.kind() == Kind.RESPONSE) {
        ReplyReader.answered(s, message);
      }
      s.resetReply();
    }
    if (message.begun()) {
      message.markTruncated();
    }
    return message.begun();
  }

  /** A command that was never sent to its end. */
  @Override
  public boolean completeAtEnd(Side side, Session session, Message message) {
    RedisSession s = (RedisSession) session;
    if (side == Side.SERVER || s.command == null) {
      return false;
    }
    CommandReader.finish(s, message);
    return true;
  }

  // a reply of which not even the first line is whole
  private static void beginning(Input in, Message message) {
    ReplyReader.answer(message);
    if (in.at(0) == '-') {
      int blank = in.indexOf((byte) ' ', 1, in.length());
      ReplyErrors.set(in, 1, blank < 0 ? 1 : blank, message);
    }
  }

  @Override
  public void lost(Side side, Session session) {
    RedisSession s = (RedisSession) session;
    reset(side, s);
    s.inFlight.forget();
    s.subscribed = (byte) Math.max(s.subscribed, RedisSession.MAYBE);
    s.unsubscribing = PushKinds.OTHER;
    if (side == Side.CLIENT) {
      s.queued = RedisSession.NO_TRANSACTION;
      s.replies = RedisSession.REPLY_ON;
      s.database = RedisSession.UNKNOWN_DATABASE; // a SELECT may have been among them
    }
  }

  @Override
  public int resync(Input in, int from, Side side, Session session) {
    reset(side, (RedisSession) session);
    return side == Side.CLIENT
        ? Recognition.findCommand(in, from)
        : Recognition.findReply(in, from);
  }
}
