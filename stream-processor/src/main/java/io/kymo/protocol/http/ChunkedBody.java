package io.kymo.protocol.http;

import io.kymo.protocol.Input;
import io.kymo.protocol.http.HttpSession.Direction;
import io.kymo.protocol.http.HttpSession.Phase;

/**
 * Chunked transfer coding (RFC 9112 section 7.1). Chunk data is passed over by its length,
 * extensions and trailers are not kept.
 *
 * <pre>
 * *( hex-size [;ext] CRLF data CRLF ) 0 [;ext] CRLF *( trailer CRLF ) CRLF
 * </pre>
 */
final class ChunkedBody {
  static final long MALFORMED = -1;

  private static final int MAX_SIZE_LINE = 8 * 1024;
  private static final int MAX_HEX_DIGITS = 15;
  private static final int MAX_TRAILERS = 64 * 1024;

  private ChunkedBody() {}

  /**
   * Goes through what is there of the body; {@code d.phase} is START when that was all of it.
   *
   * @return the offset behind what was taken, possibly behind the input's end; or MALFORMED
   */
  static long take(Input in, int from, Direction d) {
    int pos = from;
    while (pos < in.length()) {
      switch (d.phase) {
        case CHUNK_SIZE -> {
          int eol = in.indexOf(Ascii.LF, pos, pos + MAX_SIZE_LINE);
          long size = size(in, pos, eol < 0 ? in.length() : eol);
          if (size < 0 || eol < 0 && in.length() - pos >= MAX_SIZE_LINE) {
            return MALFORMED;
          }
          if (eol < 0) {
            return pos;
          }
          pos = eol + 1;
          d.phase = size == 0 ? Phase.TRAILERS : Phase.CHUNK_END;
          d.headBytes = 0;
          d.bodyBytes += size;
          if (d.bodyBytes < 0) {
            return MALFORMED;
          }
          if (size > in.length() - pos) {
            return pos + size;
          }
          pos += (int) size;
        }
        case CHUNK_END -> {
          int end = HttpParser.lineBreak(in, pos);
          if (end <= 0) {
            return end == 0 ? MALFORMED : pos;
          }
          pos += end;
          d.phase = Phase.CHUNK_SIZE;
        }
        case TRAILERS -> {
          int end = HttpParser.lineBreak(in, pos);
          if (end > 0) {
            d.phase = Phase.START;
            return (long) pos + end;
          }
          int eol = end < 0 ? -1 : in.indexOf(Ascii.LF, pos, pos + MAX_TRAILERS);
          if (eol < 0) {
            return in.length() - pos >= MAX_TRAILERS ? MALFORMED : pos;
          }
          d.headBytes += eol + 1 - pos;
          if (d.headBytes > MAX_TRAILERS) {
            return MALFORMED;
          }
          pos = eol + 1;
        }
        case START, HEAD, UNTIL_CLOSE, UNFRAMED, UNREADABLE, PREFACE -> {
          return MALFORMED; // not reached: the parser calls with a chunk phase only
        }
      }
    }
    return pos;
  }

  // what is there of the line is checked even before its end comes
  private static long size(Input in, int from, int to) {
    long size = 0;
    int i = from;
    while (i < to && Ascii.hex(in.at(i)) >= 0) {
      if (i - from == MAX_HEX_DIGITS) {
        return MALFORMED;
      }
      size = size << 4 | Ascii.hex(in.at(i++));
    }
    if (i == from) {
      return MALFORMED;
    }
    while (i < to && Ascii.blank(in.at(i))) {
      i++;
    }
    return i == to || in.at(i) == ';' || in.at(i) == Ascii.CR ? size : MALFORMED;
  }
}
