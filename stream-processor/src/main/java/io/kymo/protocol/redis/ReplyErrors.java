package io.kymo.protocol.redis;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Status;

/**
 * An error reply's first word is its code: {@code -WRONGTYPE Operation against …}. The text behind
 * may quote the command, so it stays.
 */
final class ReplyErrors {
  private static final int MAX_CODE = 32;

  private static final String[] COMMON = {
    "ERR",
    "WRONGTYPE",
    "MOVED",
    "ASK",
    "NOSCRIPT",
    "NOAUTH",
    "NOPERM",
    "WRONGPASS",
    "EXECABORT",
    "BUSYKEY",
    "NOGROUP",
    "BUSYGROUP",
    "NOPROTO",
    "READONLY"
  };

  /** The server cannot do now what it could do at other times. */
  private static final String[] SERVERS_FAULT = {
    "LOADING",
    "BUSY",
    "OOM",
    "MISCONF",
    "MASTERDOWN",
    "CLUSTERDOWN",
    "NOREPLICAS",
    "IOERR",
    "UNKILLABLE",
    "TRYAGAIN",
    "NOTREADY"
  };

  private ReplyErrors() {}

  /** {@code [from, to)} is the error's text, or its beginning. */
  static void set(Input in, int from, int to, Message message) {
    int end = from;
    while (end < to && end - from < MAX_CODE && word(in.at(end))) {
      end++;
    }
    boolean code = end > from && (end == to || in.at(end) == ' ');
    String name = code ? find(COMMON, in, from, end) : "ERR";
    Status status = Status.CLIENT_ERROR;
    if (name == null) {
      name = find(SERVERS_FAULT, in, from, end);
      status = name == null ? Status.CLIENT_ERROR : Status.SERVER_ERROR;
    }
    if (name == null) {
      name = in.latin1(from, end);
    }
    message.status(status, name);
    message.errorType(name);
    message.attribute("db.response.status_code", name);
  }

  private static boolean word(int c) {
    return c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_';
  }

  private static String find(String[] words, Input in, int from, int to) {
    for (String word : words) {
      if (Commands.equalsIgnoreCase(in, from, to, word)) {
        return word;
      }
    }
    return null;
  }
}
