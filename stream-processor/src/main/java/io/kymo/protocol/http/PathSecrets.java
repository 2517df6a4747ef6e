package io.kymo.protocol.http;

import java.util.Locale;

/**
 * Takes credentials out of a path, segment by segment: {@code /f/user:password@host}, {@code
 * /reset/jane@example.org}, {@code /callback/token=abc} (also percent-encoded), {@code
 * /verify/eyJ….….…} (a JSON Web Token, RFC 7519).
 */
final class PathSecrets {
  private static final String REDACTED = "REDACTED";

  private PathSecrets() {}

  /** The path itself when there is nothing to take out. */
  static String redact(String path) {
    if (path.indexOf('@') < 0
        && path.indexOf('=') < 0
        && path.indexOf('%') < 0
        && !path.contains("eyJ")) {
      return path;
    }
    StringBuilder out = new StringBuilder(path.length());
    int i = 0;
    while (i <= path.length()) {
      int end = path.indexOf('/', i);
      end = end < 0 ? path.length() : end;
      segment(path.substring(i, end), out);
      if (end < path.length()) {
        out.append('/');
      }
      i = end + 1;
    }
    return out.toString();
  }

  private static void segment(String segment, StringBuilder out) {
    String plain = segment.indexOf('%') < 0 ? segment : decoded(segment);
    int assigned = plain.indexOf('=');
    if (plain.indexOf('@') > 0 || token(plain)) { // @scope/package is none
      out.append(REDACTED);
    } else if (assigned >= 0 && assigned + 1 < plain.length()) {
      out.append(plain, 0, assigned + 1).append(REDACTED);
    } else {
      out.append(segment);
    }
  }

  private static boolean token(String segment) {
    int at = segment.indexOf("eyJ");
    return at >= 0 && segment.indexOf('.', at) > 0;
  }

  private static String decoded(String segment) {
    String lower = segment.toLowerCase(Locale.ROOT);
    if (!lower.contains("%40") && !lower.contains("%3d")) {
      return segment;
    }
    StringBuilder out = new StringBuilder(segment.length());
    for (int i = 0; i < segment.length(); i++) {
      if (lower.startsWith("%40", i) || lower.startsWith("%3d", i)) {
        out.append(lower.charAt(i + 1) == '4' ? '@' : '=');
        i += 2;
      } else {
        out.append(segment.charAt(i));
      }
    }
    return out.toString();
  }
}
