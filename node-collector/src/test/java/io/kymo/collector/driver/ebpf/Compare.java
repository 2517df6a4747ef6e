package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.ebpf.Recorder.Happened;
import io.kymo.collector.driver.ebpf.Recorder.Piece;
import io.kymo.collector.driver.ebpf.Traffic.Call;
import io.kymo.collector.driver.ebpf.Traffic.Life;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** Holds what was captured against what the traffic says that it did. */
final class Compare {
  private static final long MODULO = 1L << 32;

  private Compare() {}

  /**
   * Calls one by one: source, length, every captured byte, successive positions; and nothing
   * besides them.
   */
  static void calls(Traffic traffic, Recorder recorder, int budget) {
    assertThat(new TreeSet<>(recorder.pieces.keySet()))
        .isEqualTo(new TreeSet<>(traffic.calls.keySet()));
    traffic.calls.forEach(
        (key, expected) -> calls(key, expected, recorder.pieces.get(key), budget));
  }

  private static void calls(String key, List<Call> expected, List<Piece> pieces, int budget) {
    int next = 0;
    long position = pieces.get(0).position();
    for (Call call : expected) {
      int length = 0;
      int captured = 0;
      do {
        assertThat(next).as("%s: pieces of %s", key, call).isLessThan(pieces.size());
        Piece piece = pieces.get(next++);
        assertThat(piece.source()).as("%s source", key).isEqualTo(call.source());
        assertThat(piece.continued()).as("%s continued", key).isEqualTo(length > 0);
        assertThat(piece.position()).as("%s position", key).isEqualTo(position);
        assertThat(captured)
            .as("%s: nothing is captured after a truncated piece", key)
            .isEqualTo(Math.min(length, captured));
        if (call.payload() != null) {
          assertThat(piece.payload())
              .as("%s payload at %d of %d", key, length, call.length())
              .isEqualTo(
                  Arrays.copyOfRange(call.payload(), length, length + piece.payload().length));
        }
        assertThat(piece.peerPort()).as("%s peer", key).isEqualTo(call.peer());
        length += piece.length();
        captured += piece.payload().length;
        position = (position + piece.length()) % MODULO;
      } while (length < call.length());
      assertThat(length).as("%s length", key).isEqualTo(call.length());
      assertThat(captured)
          .as("%s captured", key)
          .isEqualTo(call.payload() == null ? 0 : Math.min(budget, call.length()));
    }
    assertThat(next)
        .as("%s: more than was done: %s", key, pieces.subList(next, pieces.size()))
        .isEqualTo(pieces.size());
  }

  /** Both ends of each connection speak of the same positions. */
  static void positions(Traffic traffic, Recorder recorder) {
    for (long[] pair : traffic.pairs) {
      assertThat(first(recorder, pair[0], true)).isEqualTo(first(recorder, pair[1], false));
      assertThat(first(recorder, pair[1], true)).isEqualTo(first(recorder, pair[0], false));
    }
  }

  /**
   * A socket's end stands where its last byte did; what it wrote was read no earlier than its call
   * began.
   */
  static void ends(Traffic traffic, Recorder recorder) {
    for (long inode : traffic.lives.keySet()) {
      for (Happened happened : recorder.lives.getOrDefault(inode, List.of())) {
        if (happened.kind().equals("CLOSED") || happened.kind().equals("RESET")) {
          same(recorder, Traffic.key(inode, false), happened.ingressPosition());
          same(recorder, Traffic.key(inode, true), happened.egressPosition());
        }
      }
    }
    for (long[] pair : traffic.pairs) {
      List<Piece> written = recorder.pieces.get(Traffic.key(pair[0], true));
      List<Piece> read = recorder.pieces.get(Traffic.key(pair[1], false));
      if (written != null && read != null) {
        assertThat(written.get(0).timeNanos()).isLessThan(read.get(0).timeNanos());
      }
    }
  }

  private static void same(Recorder recorder, String key, long position) {
    List<Piece> pieces = recorder.pieces.get(key);
    if (pieces != null) {
      Piece last = pieces.get(pieces.size() - 1);
      assertThat(position)
          .as("end of %s", key)
          .isEqualTo((last.position() + last.length()) % MODULO);
    }
  }

  private static long first(Recorder recorder, long inode, boolean egress) {
    List<Piece> pieces = recorder.pieces.get(Traffic.key(inode, egress));
    return pieces == null ? -1 : pieces.get(0).position();
  }

  /** What the traffic names of each socket's life, in order; OPENED only where it names it. */
  static void lives(Traffic traffic, Recorder recorder) {
    traffic.lives.forEach(
        (inode, expected) -> {
          boolean opened = expected.stream().anyMatch(life -> life.kind().equals("OPENED"));
          List<Life> told = new ArrayList<>();
          for (Happened happened : recorder.lives.getOrDefault(inode, List.of())) {
            if (opened || !happened.kind().equals("OPENED")) {
              told.add(new Life(happened.kind(), happened.error()));
            }
          }
          assertThat(told).as("life of socket %d", inode).isEqualTo(expected);
        });
  }
}
