package io.kymo.processor.battery;

import io.kymo.protocol.Side;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A conversation as plain bytes that a fuzzer can change, every change being a conversation again:
 * for each segment one byte of flags, one each for what is lost before and for what is not captured
 * of it, two for its length, then its payload.
 */
final class Script {
  private static final int SERVER = 1;
  private static final int BURST = 2;
  private static final int SAVE = 4;
  private static final int LATER = 8;
  private static final int CLOSE = 0xf0;

  /**
   * @param saved stored and restored before it
   * @param close the connection is closed before it
   */
  record Step(Segment segment, boolean saved, boolean close) {}

  private Script() {}

  static byte[] of(List<Segment> segments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    long[] next = new long[2];
    long time = 0;
    for (Segment s : segments) {
      int side = s.side().ordinal();
      int flags = side | (s.burst() ? BURST : 0) | (s.time() > time ? LATER : 0);
      out.write(flags);
      out.write((int) Math.min(255, s.position() - next[side]));
      out.write(Math.min(255, s.length() - s.payload().length));
      out.write(s.payload().length >> 8);
      out.write(s.payload().length);
      out.writeBytes(s.payload());
      next[side] = s.end();
      time = s.time();
    }
    return out.toByteArray();
  }

  static List<Step> read(byte[] script) {
    List<Step> steps = new ArrayList<>();
    long[] next = new long[2];
    long time = 1;
    for (int i = 0; i + 5 <= script.length; ) {
      int flags = script[i];
      int side = flags & SERVER;
      int lost = script[i + 1] & 0xff;
      int hole = script[i + 2] & 0xff;
      int length =
          Math.min((script[i + 3] & 0xff) << 8 | script[i + 4] & 0xff, script.length - i - 5);
      byte[] payload = Arrays.copyOfRange(script, i + 5, i + 5 + length);
      i += 5 + length;
      time += (flags & LATER) != 0 ? 1_000_000 : 0;
      long position = next[side] + lost;
      if (length + hole > 0) {
        Segment segment =
            new Segment(
                Side.values()[side], time, position, length + hole, payload, (flags & BURST) != 0);
        steps.add(new Step(segment, (flags & SAVE) != 0, (flags & CLOSE) == CLOSE));
        next[side] = segment.end();
      }
    }
    return steps;
  }
}
