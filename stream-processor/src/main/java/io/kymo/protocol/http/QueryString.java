package io.kymo.protocol.http;

import java.util.Locale;

/** {@code a=1&b=2} becomes {@code a=?&b=?}. */
final class QueryString {
  private static final int MAX_KEY = 64;

  /** Taken out even when a user wants to see values. */
  private static final String[] ALWAYS = {
    "token",
    "secret",
    "password",
    "passwd",
    "pwd",
    "signature",
    "sig",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "auth",
    "credential",
    "session",
    "code",
    "jwt"
  };

  private QueryString() {}

  static String redact(String s, int from, boolean all, int max) {
    StringBuilder out = new StringBuilder(Math.min(s.length() - from, max) + 8);
    int i = from;
    while (i < s.length() && out.length() < max) {
      int end = s.indexOf('&', i);
      end = end < 0 ? s.length() : end;
      if (i > from) {
        out.append('&');
      }
      int equals = s.indexOf('=', i);
      if (equals < 0 || equals >= end) {
        // a word alone may be a value
        out.append(end > i ? all ? "?" : s.substring(i, end) : "");
      } else if (equals - i > MAX_KEY) {
        out.append("?=?");
      } else {
        out.append(s, i, equals + 1)
            .append(all || secret(s.substring(i, equals)) ? "?" : s.substring(equals + 1, end));
      }
      i = end + 1;
    }
    if (out.length() > max) {
      out.setLength(max);
    }
    return out.toString();
  }

  private static boolean secret(String key) {
    String k = key.toLowerCase(Locale.ROOT);
    for (String word : ALWAYS) {
      if (k.contains(word)) {
        return true;
      }
    }
    return false;
  }
}
