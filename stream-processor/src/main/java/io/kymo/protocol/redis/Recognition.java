package io.kymo.protocol.redis;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Verdict;

/**
 * Tells Redis from what looks like it: an array that begins with a command's name suffices, an
 * inline command needs a reply as well.
 */
final class Recognition {
  private static final int MAX_ARGUMENTS = 1024 * 1024;

  /** Commands of POP3, FTP, NATS and the like, too. */
  private static final String[] NOT_SURE = {
    "QUIT", "AUTH", "TYPE", "INFO", "TIME", "HELLO", "PING", "ECHO", "SELECT", "EXEC", "RESET"
  };

  private Recognition() {}

  static Verdict of(Input client, Input server, Flow flow) {
    if (client.length() == 0) {
      return ReplyReader.published(server)
          ? Verdict.YES
          : reply(server) == Verdict.NO ? Verdict.NO : Verdict.MAYBE;
    }
    Verdict reply = reply(server);
    if (reply == Verdict.NO && flow.fromStart()) {
      return Verdict.NO;
    }
    return client.at(0) == '*' ? array(client, 0) : inline(client, server, reply);
  }

  /** Does an array of bulk strings begin at {@code from} whose first can be a command's name? */
  static Verdict array(Input in, int from) {
    int end = in.at(from) == '*' ? Resp.lineEnd(in, from, Resp.MAX_NUMBER_LINE) : Resp.BROKEN;
    int digits = digitsEnd(in, from + 1);
    if (end < 0) {
      return end == Resp.MORE && (digits == in.length() || in.at(digits) == '\r')
          ? Verdict.MAYBE
          : Verdict.NO;
    }
    long count = digits == end ? Resp.number(in, from + 1, end) : 0;
    if (count < 1 || count > MAX_ARGUMENTS) {
      return Verdict.NO;
    }
    int pos = end + 2;
    if (pos >= in.length()) {
      return Verdict.MAYBE;
    }
    end = in.at(pos) == '$' ? Resp.lineEnd(in, pos, Resp.MAX_NUMBER_LINE) : Resp.BROKEN;
    if (end < 0) {
      return end == Resp.MORE ? Verdict.MAYBE : Verdict.NO;
    }
    long length = Resp.number(in, pos + 1, end);
    if (length < 1 || length > 64) {
      return Verdict.NO;
    }
    int nameEnd = end + 2 + (int) length;
    if (nameEnd + 2 > in.length()) {
      return Verdict.MAYBE;
    }
    return Resp.endsAt(in, nameEnd) && Commands.find(in, end + 2, nameEnd) != null
        ? Verdict.YES
        : Verdict.NO;
  }

  private static Verdict inline(Input client, Input server, Verdict reply) {
    int end = 0;
    while (end < client.length() && end < 32 && client.at(end) > ' ') {
      end++;
    }
    if (end == client.length()) {
      return Verdict.MAYBE;
    }
    if (Commands.known(client, 0, end) == null) {
      return Verdict.NO;
    }
    int eol = client.indexOf((byte) '\n', end, client.length());
    if (eol < 0) {
      return client.length() > Resp.SMALL ? Verdict.NO : Verdict.MAYBE;
    }
    if (reply != Verdict.YES) {
      return reply;
    }
    for (String word : NOT_SURE) {
      if (Commands.equalsIgnoreCase(client, 0, end, word)) {
        return word.equals("PING") && server.matches(0, PONG) ? Verdict.YES : Verdict.MAYBE;
      }
    }
    return Verdict.YES;
  }

  private static final byte[] PONG = {'+', 'P', 'O', 'N', 'G', '\r', '\n'};

  /** Do the server's bytes begin with a reply? */
  private static Verdict reply(Input server) {
    if (server.length() == 0) {
      return Verdict.MAYBE;
    }
    int end = ReplyReader.headerEnd(server, 0);
    return end >= 0 ? Verdict.YES : end == Resp.MORE ? Verdict.MAYBE : Verdict.NO;
  }

  private static int digitsEnd(Input in, int from) {
    int i = from;
    while (i < in.length() && in.at(i) >= '0' && in.at(i) <= '9') {
      i++;
    }
    return i;
  }

  /** Where the next command could begin, -1 when nowhere. */
  static int findCommand(Input in, int from) {
    for (int i = in.indexOf((byte) '*', from, in.length());
        i >= 0;
        i = in.indexOf((byte) '*', i + 1, in.length())) {
      if (array(in, i) != Verdict.NO) {
        return i;
      }
    }
    return -1;
  }

  /** Where the next reply could begin: at the first byte, or behind a line's end. */
  static int findReply(Input in, int from) {
    for (int i = from; i < in.length(); i++) {
      boolean boundary = i == from || i >= 2 && Resp.endsAt(in, i - 2);
      if (boundary && ReplyReader.headerEnd(in, i) != Resp.BROKEN) {
        return i;
      }
    }
    return -1;
  }
}
