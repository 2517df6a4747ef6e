package io.kymo.protocol.http;

import io.kymo.protocol.Input;
import io.kymo.protocol.Verdict;

/**
 * The first line of a message (RFC 9112 sections 3 and 4).
 *
 * <pre>
 * request-line = method SP request-target SP HTTP/1.d
 * status-line  = HTTP/1.d SP ddd [SP reason]
 * </pre>
 */
final class StartLine {
  /**
   * Longest line that is looked at. nginx takes 8 KiB by default, others up to 64 KiB; longer than
   * what is captured of a burst by default, so that a line which the capture cuts is one.
   */
  static final int MAX_LINE = 128 * 1024;

  static final int MAX_METHOD = 32;

  /**
   * A well-known method and so much of a path are a request though the end of the line is not
   * there.
   */
  private static final int SURE = 2048;

  private static final byte[] HTTP_1 = Ascii.bytes("HTTP/1.");

  /** Length of {@code HTTP/1.1}. */
  private static final int VERSION = 8;

  /** Length of {@code HTTP/1.1 200}. */
  static final int STATUS = 12;

  private StartLine() {}

  /**
   * Is it a request line? YES when its end is there, too, or is not needed to tell.
   *
   * @param strict as a sender must write it: no blanks within the target
   */
  static Verdict request(Input in, int from, boolean strict) {
    int n = Math.min(in.length(), from + MAX_LINE);
    int i = from;
    while (i < n && Ascii.token(in.u8(i))) {
      i++;
    }
    if (i - from > MAX_METHOD) {
      return Verdict.NO;
    }
    if (i == n) {
      return Verdict.MAYBE;
    }
    if (i == from || in.at(i) != ' ') {
      return Verdict.NO;
    }
    int target = i + 1;
    int blank = -1; // the last one
    for (i = target; i < n; i++) {
      int c = in.u8(i);
      if (c == ' ') {
        if (strict && blank >= 0) {
          return Verdict.NO;
        }
        blank = i;
      } else if (c == '\r' || c == '\n') {
        break;
      } else if (c < 0x20 || c == 0x7f) {
        return Verdict.NO;
      } else if (strict && blank >= 0 && !versionPart(in, blank + 1, i)) {
        return Verdict.NO;
      }
    }
    if (i == n) {
      boolean sure =
          strict
              && (blank < 0 ? i : blank) - target >= SURE
              && Methods.startsAt(in, from)
              && in.at(target) == '/';
      return i - from >= MAX_LINE ? Verdict.NO : sure ? Verdict.YES : Verdict.MAYBE;
    }
    if (blank <= target || i - blank - 1 != VERSION || !version(in, blank + 1)) {
      return Verdict.NO;
    }
    return lineFeed(in, i);
  }

  private static boolean versionPart(Input in, int from, int i) {
    int k = i - from;
    return k < HTTP_1.length ? in.at(i) == HTTP_1[k] : k < VERSION && Ascii.digit(in.at(i));
  }

  private static boolean version(Input in, int from) {
    return in.matches(from, HTTP_1) && Ascii.digit(in.at(from + HTTP_1.length));
  }

  private static Verdict lineFeed(Input in, int i) {
    if (in.at(i) == Ascii.LF) {
      return Verdict.YES;
    }
    if (i + 1 >= in.length()) {
      return Verdict.MAYBE;
    }
    return in.at(i + 1) == Ascii.LF ? Verdict.YES : Verdict.NO;
  }

  /** Is it a status line? YES as soon as its code is there and delimited. */
  static Verdict status(Input in, int from) {
    int n = Math.min(in.length() - from, STATUS + 1);
    for (int k = 0; k < n; k++) {
      int c = in.at(from + k);
      boolean fits;
      if (k < HTTP_1.length) {
        fits = c == HTTP_1[k];
      } else if (k == VERSION) {
        fits = c == ' ';
      } else if (k == STATUS) {
        fits = c == ' ' || c == '\r' || c == '\n';
      } else if (k == VERSION + 1) {
        fits = c >= '1' && c <= '9';
      } else {
        fits = Ascii.digit(c);
      }
      if (!fits) {
        return Verdict.NO;
      }
    }
    return n > STATUS ? Verdict.YES : Verdict.MAYBE;
  }

  static int statusCode(Input in, int from) {
    int code = from + VERSION + 1;
    return (in.at(code) - '0') * 100 + (in.at(code + 1) - '0') * 10 + in.at(code + 2) - '0';
  }

  /**
   * First offset where a request could begin, of a well-known method only.
   *
   * @return -1 when there is none
   */
  static int findRequest(Input in, int from) {
    for (int i = from; i < in.length(); i++) {
      if (Methods.startsAt(in, i) && request(in, i, true) != Verdict.NO) {
        return i;
      }
    }
    return -1;
  }

  /** As {@link #findRequest}, of a response. */
  static int findStatus(Input in, int from) {
    for (int i = in.indexOf((byte) 'H', from, in.length());
        i >= 0;
        i = in.indexOf((byte) 'H', i + 1, in.length())) {
      if (status(in, i) != Verdict.NO) {
        return i;
      }
    }
    return -1;
  }
}
