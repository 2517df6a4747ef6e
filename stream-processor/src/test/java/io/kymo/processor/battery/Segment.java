package io.kymo.processor.battery;

import io.kymo.protocol.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a capture would have reported.
 *
 * @param position in its direction, from 0
 * @param length true length; more than the payload when truncated
 */
public record Segment(
    Side side, long time, long position, int length, byte[] payload, boolean burst) {
  private static final long BURST_NS = 1_000_000;

  long end() {
    return position + length;
  }

  /** The part {@code [from, to)}. */
  Segment part(int from, int to) {
    byte[] bytes =
        Arrays.copyOfRange(payload, Math.min(from, payload.length), Math.min(to, payload.length));
    return new Segment(side, time, position + from, to - from, bytes, burst && from == 0);
  }

  /** One segment a burst (a datagram); gaps only move the position. */
  public static List<Segment> of(Corpus corpus) {
    List<Segment> segments = new ArrayList<>();
    long[] position = new long[2];
    long time = 0;
    boolean stream = corpus.transport().stream();
    boolean broken = true;
    boolean burst = false;
    for (Corpus.Chunk chunk : corpus.chunks) {
      int side = chunk.side().ordinal();
      boolean separate = chunk.burst() || !stream && !chunk.continues();
      time += separate ? BURST_NS : 0;
      burst |= chunk.burst();
      switch (chunk.kind()) {
        case GAP -> broken = true;
        case DATA, HOLE -> {
          Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
          boolean joins =
              !separate
                  && !broken
                  && (chunk.kind() == Corpus.Kind.HOLE || last.payload.length == last.length);
          if (joins) {
            segments.set(segments.size() - 1, last.extended(chunk.bytes(), chunk.length()));
          } else {
            segments.add(
                new Segment(
                    chunk.side(), time, position[side], chunk.length(), chunk.bytes(), burst));
            burst = false;
          }
          broken = false;
        }
      }
      position[side] += chunk.length();
    }
    return segments;
  }

  private Segment extended(byte[] more, int count) {
    byte[] both = Arrays.copyOf(payload, payload.length + more.length);
    System.arraycopy(more, 0, both, payload.length, more.length);
    return new Segment(side, time, position, length + count, both, burst);
  }

  static int bytes(List<Segment> segments) {
    int sum = 0;
    for (Segment s : segments) {
      sum += s.length;
    }
    return sum;
  }
}
