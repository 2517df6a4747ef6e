package io.kymo.protocol.redis;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Verdict;
import java.nio.charset.StandardCharsets;

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

  private static final byte[] PONG = ascii("+PONG\r\n");
  private static final byte[] PONG_SUBSCRIBED = ascii("*2\r\n$4\r\npong\r\n");

  private Recognition() {}

  private static byte[] ascii(String s) {
    return s.getBytes(StandardCharsets.US_ASCII);
  }

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

  /**
   * Lines of which each begins with a command, one at least with a command of Redis alone, and a
   * reply.
   */
  private static Verdict inline(Input client, Input server, Verdict reply) {
    int from = 0;
    while (from < client.length()) {
      int eol = client.indexOf((byte) '\n', from, client.length());
      int end = wordEnd(client, from);
      boolean known = Commands.known(client, from, end) != null;
      if (!known && end < client.length()) {
        return Verdict.NO;
      }
      if (eol < 0) {
        break;
      }
      if (known && reply != Verdict.MAYBE && sure(client, from, end, server)) {
        return reply;
      }
      from = eol + 1;
    }
    boolean tooLong = client.length() - from > Resp.SMALL;
    return ReplyReader.published(server) ? Verdict.YES : tooLong ? Verdict.NO : Verdict.MAYBE;
  }

  private static boolean sure(Input client, int from, int end, Input server) {
    for (String word : NOT_SURE) {
      if (Commands.equalsIgnoreCase(client, from, end, word)) {
        return word.equals("PING")
            && (server.matches(0, PONG) || server.matches(0, PONG_SUBSCRIBED));
      }
    }
    return true;
  }

  private static int wordEnd(Input in, int from) {
    int end = from;
    while (end < in.length() && end - from < 32 && in.at(end) > ' ') {
      end++;
    }
    return end;
  }

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

  /**
   * Where the next command could begin, -1 when nowhere: an array, or an inline command at the
   * beginning of a line.
   */
  static int findCommand(Input in, int from) {
    for (int i = from; i < in.length(); i++) {
      boolean array = in.at(i) == '*' && array(in, i) != Verdict.NO;
      if (array || (i == from || in.at(i - 1) == '\n') && inlineCommand(in, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean inlineCommand(Input in, int from) {
    int end = wordEnd(in, from);
    return end == in.length() ? letters(in, from, end) : Commands.known(in, from, end) != null;
  }

  private static boolean letters(Input in, int from, int to) {
    for (int i = from; i < to; i++) {
      int c = in.at(i) | 0x20;
      if (c < 'a' || c > 'z') {
        return false;
      }
    }
    return true;
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
