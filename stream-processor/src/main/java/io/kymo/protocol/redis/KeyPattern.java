package io.kymo.protocol.redis;

import io.kymo.protocol.VariablePart;

/** {@code user:4711:profile} becomes {@code user:{id}:profile}: what keys have in common. */
final class KeyPattern {
  private static final int MAX_PARTS = 8;

  private KeyPattern() {}

  static String of(String key) {
    StringBuilder out = null;
    int parts = 0;
    int i = 0;
    while (i <= key.length()) {
      int end = i;
      while (end < key.length() && !separator(key.charAt(end))) {
        end++;
      }
      if (++parts > MAX_PARTS) {
        return prefix(out, key, i).append("{rest}").toString();
      }
      boolean variable = VariablePart.is(key, i, end);
      if (variable && out == null) {
        out = prefix(null, key, i);
      }
      if (out != null) {
        if (variable) {
          out.append(VariablePart.PLACEHOLDER);
        } else {
          out.append(key, i, end);
        }
        if (end < key.length()) {
          out.append(key.charAt(end));
        }
      }
      i = end + 1;
    }
    return out == null ? key : out.toString();
  }

  private static StringBuilder prefix(StringBuilder out, String key, int end) {
    return out != null ? out : new StringBuilder(key.length()).append(key, 0, end);
  }

  private static boolean separator(char c) {
    return c == ':' || c == '/' || c == '|' || c == '#' || c == '{' || c == '}' || c == '.';
  }
}
