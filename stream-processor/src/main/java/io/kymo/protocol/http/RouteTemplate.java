package io.kymo.protocol.http;

import io.kymo.protocol.VariablePart;

/**
 * A route of low cardinality, guessed from one path: {@code
 * /users/4711/photos/9f86d081884c7d65.png} becomes {@code /users/{id}/photos/{id}.png}. Words,
 * versions ({@code v2}) and file names stay.
 */
final class RouteTemplate {
  private static final int MAX_SEGMENTS = 12;

  private RouteTemplate() {}

  static String of(String path) {
    if (plain(path)) {
      return path;
    }
    StringBuilder out = new StringBuilder(path.length());
    int segments = 0;
    int i = 0;
    while (i < path.length()) {
      if (path.charAt(i) == '/') {
        out.append('/');
        i++;
        continue;
      }
      int end = path.indexOf('/', i);
      end = end < 0 ? path.length() : end;
      if (++segments > MAX_SEGMENTS) {
        return out.append("{rest}").toString();
      }
      segment(path, i, end, out);
      i = end;
    }
    return out.toString();
  }

  // nothing in it could be an id: most paths, and no allocation for them
  private static boolean plain(String path) {
    int segments = 0;
    int length = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '/') {
        segments++;
        length = 0;
      } else if (c >= 'a' && c <= 'z' || c == '-' || c == '_' || c == '.') {
        if (++length > 15) {
          return false;
        }
      } else {
        return false;
      }
    }
    return segments <= MAX_SEGMENTS;
  }

  private static void segment(String path, int from, int end, StringBuilder out) {
    int type = fileType(path, from, end);
    if (type < 0) {
      if (VariablePart.is(path, from, end)) {
        out.append(VariablePart.PLACEHOLDER);
      } else {
        out.append(path, from, end);
      }
      return;
    }
    // name.hash.ext: each part by itself, the type stays
    int i = from;
    while (i < type) {
      int next = path.indexOf('.', i);
      // jquery-3.7.1.min.js
      if (VariablePart.is(path, i, next) && (i == from || next - i > 3)) {
        out.append(VariablePart.PLACEHOLDER);
      } else {
        out.append(path, i, next);
      }
      out.append('.');
      i = next + 1;
    }
    out.append(path, type, end);
  }

  /**
   * Where the file name extension begins, -1 when there is none: 1 to 5 letters and digits behind
   * the last dot, not digits alone.
   */
  private static int fileType(String s, int from, int end) {
    int dot = s.lastIndexOf('.', end - 1);
    int length = end - dot - 1;
    int at = s.indexOf('@', from);
    if (dot < from || length < 1 || length > 5 || at >= 0 && at < end) {
      return -1;
    }
    int letters = 0;
    for (int i = dot + 1; i < end; i++) {
      char c = s.charAt(i);
      if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
        letters++;
      } else if (c < '0' || c > '9') {
        return -1;
      }
    }
    return letters > 0 ? dot + 1 : -1;
  }
}
