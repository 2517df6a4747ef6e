package io.kymo.protocol.http;

import io.kymo.protocol.Input;

/**
 * Methods by their bytes, so that none is allocated: RFC 9110, PATCH (RFC 5789), WebDAV, and what
 * caches and UPnP add.
 */
final class Methods {
  private static final String[] NAMES = {
    "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "QUERY",
        "PROPFIND", "PROPPATCH", "MKCOL", "COPY",
    "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH", "PURGE", "LINK", "UNLINK", "ACL", "BIND",
        "UNBIND", "REBIND", "MERGE", "CHECKOUT",
    "MKACTIVITY", "MKCALENDAR", "NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "M-SEARCH", "LIST", "BREW"
  };

  private static final byte[][] BYTES = new byte[NAMES.length][];

  /** Indexes into {@link #NAMES} by first letter. */
  private static final int[][] BY_LETTER = new int[128][0];

  static {
    for (int i = 0; i < NAMES.length; i++) {
      BYTES[i] = Ascii.bytes(NAMES[i]);
      int letter = BYTES[i][0];
      int[] more = java.util.Arrays.copyOf(BY_LETTER[letter], BY_LETTER[letter].length + 1);
      more[more.length - 1] = i;
      BY_LETTER[letter] = more;
    }
  }

  private Methods() {}

  /** The well-known method in {@code [0, to)}, or null. */
  static String known(Input in, int to) {
    int letter = in.at(0);
    if (letter < 0) {
      return null;
    }
    for (int i : BY_LETTER[letter]) {
      if (BYTES[i].length == to && in.matches(0, BYTES[i])) {
        return NAMES[i];
      }
    }
    return null;
  }

  /** Is there a well-known method and a blank at {@code from}, as far as bytes are there? */
  static boolean startsAt(Input in, int from) {
    int letter = in.at(from);
    if (letter < 0) {
      return false;
    }
    for (int i : BY_LETTER[letter]) {
      byte[] name = BYTES[i];
      int n = Math.min(name.length, in.length() - from);
      int k = 1;
      while (k < n && in.at(from + k) == name[k]) {
        k++;
      }
      if (k == n && (from + n == in.length() || in.at(from + n) == ' ')) {
        return true;
      }
    }
    return false;
  }
}
