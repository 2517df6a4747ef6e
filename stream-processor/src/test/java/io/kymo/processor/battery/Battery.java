package io.kymo.processor.battery;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Side;
import io.kymo.protocol.Verdict;
import io.kymo.schemas.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What must hold for every corpus. The accounting of bytes is checked by {@link Player} after each
 * segment, and that no parser threw or broke its contract.
 */
final class Battery {
  private static final Comparator<Seen> BY_REQUEST =
      Comparator.comparingLong(Seen::time)
          .thenComparing(Seen::ending)
          .thenComparingLong(s -> s.requestPosition() & 0xffff_ffffL)
          .thenComparing(Seen::toString);

  // places that are tried at most in one corpus for tests whose work grows with the square of its
  // length
  private static final int PLACES = 600;

  // more than reordering may take, less than anything else waits
  private static final long LATE_NS = 501_000_000;

  private final Map<String, Parser> parsers;

  Battery(Map<String, Parser> parsers) {
    this.parsers = parsers;
  }

  Map<String, Consumer<Corpus>> tests() {
    Map<String, Consumer<Corpus>> tests = new LinkedHashMap<>();
    tests.put("whole", this::whole);
    tests.put("at_server", this::atServer);
    tests.put("role_unknown", this::roleUnknown);
    tests.put("bytes", this::bytes);
    tests.put("saved", this::saved);
    tests.put("splits", this::splits);
    tests.put("cut", this::cut);
    tests.put("response_first", this::responseFirst);
    tests.put("duplicates", this::duplicates);
    tests.put("gap", this::gap);
    tests.put("another_life", this::anotherLife);
    tests.put("truncated", this::truncated);
    tests.put("flipped", this::flipped);
    tests.put("mid_stream", this::midStream);
    tests.put("confusion", this::confusion);
    return tests;
  }

  private List<Seen> reference(Corpus corpus) {
    return new Player(corpus, parsers).play(Segment.of(corpus)).end(corpus.end()).seen;
  }

  /** The expected exchanges, in their order. */
  void whole(Corpus corpus) {
    Player player = new Player(corpus, parsers).play(Segment.of(corpus)).end(corpus.end());
    StringBuilder wrong = new StringBuilder();
    for (int i = 0; i < Math.max(player.seen.size(), corpus.expected.size()); i++) {
      if (i >= corpus.expected.size()) {
        wrong.append("\nnot expected: ").append(player.seen.get(i));
      } else if (i >= player.seen.size()) {
        wrong.append("\nmissing: ").append(corpus.expected.get(i));
      } else {
        String differs = player.seen.get(i).differs(corpus.expected.get(i));
        if (!differs.isEmpty()) {
          wrong.append("\nexchange ").append(i + 1).append(differs);
          wrong.append("\n  in ").append(player.seen.get(i));
        }
      }
    }
    assertThat(wrong.toString()).isEmpty();
    assertThat(player.conversation().opaqueReason()).isEqualTo(corpus.opaque());
    assertThat(player.conversation().protocol())
        .isEqualTo(corpus.protocol.equals("none") ? "" : corpus.protocol);
  }

  void atServer(Corpus corpus) {
    Player player = new Player(corpus, parsers).atServer();
    same(corpus, player.play(Segment.of(corpus)).end(corpus.end()));
  }

  void roleUnknown(Corpus corpus) {
    for (boolean atServer : new boolean[] {false, true}) {
      Player player = new Player(corpus, parsers);
      player = (atServer ? player.atServer() : player).roleUnknown();
      same(corpus, player.play(Segment.of(corpus)).end(corpus.end()));
      if (!corpus.protocol.equals("none")) {
        assertThat(player.conversation().role()).isEqualTo(atServer ? Role.SERVER : Role.CLIENT);
      }
    }
  }

  void bytes(Corpus corpus) {
    List<Segment> bytes = singleBytes(corpus, Segment.of(corpus));
    same(corpus, new Player(corpus, parsers).play(bytes).end(corpus.end()));
  }

  void saved(Corpus corpus) {
    List<Segment> bytes = singleBytes(corpus, Segment.of(corpus));
    same(corpus, new Player(corpus, parsers).savingAndLoading().play(bytes).end(corpus.end()));
  }

  private static List<Segment> singleBytes(Corpus corpus, List<Segment> whole) {
    if (!corpus.transport().stream()) {
      return whole;
    }
    List<Segment> bytes = new ArrayList<>();
    for (Segment s : whole) {
      for (int i = 0; i < s.payload().length; i++) {
        bytes.add(s.part(i, i + 1));
      }
      if (s.length() > s.payload().length) {
        bytes.add(s.part(s.payload().length, s.length()));
      }
    }
    return bytes;
  }

  /** Cut in two at every place; the halves in order, and in wrong order. */
  void splits(Corpus corpus) {
    if (!corpus.transport().stream()) {
      return;
    }
    List<Segment> whole = Segment.of(corpus);
    List<Seen> reference = reference(corpus);
    places(
        whole,
        (i, at) -> {
          if (at == 0) {
            return;
          }
          Segment s = whole.get(i);
          Segment head = s.part(0, at);
          Segment tail = s.part(at, s.length());
          Player player = new Player(corpus, parsers).play(whole.subList(0, i));
          player.play(head).play(tail).play(whole.subList(i + 1, whole.size()));
          same(reference, player.end(corpus.end()), "split at " + at + " of segment " + i);
          if (i > 1
              && s.payload().length
                  == s.length()) { // where a direction begins is known from its first segment
            player = new Player(corpus, parsers).play(whole.subList(0, i));
            player.play(tail).play(head).play(whole.subList(i + 1, whole.size()));
            same(reference, player.end(corpus.end()), "swapped at " + at + " of segment " + i);
          }
        });
  }

  /** Ends at every place: what was seen until there is the beginning of what is seen in all. */
  void cut(Corpus corpus) {
    List<Segment> whole = Segment.of(corpus);
    List<Seen> all = new Player(corpus, parsers).play(whole).seen;
    places(
        whole,
        (i, at) -> {
          Player player = new Player(corpus, parsers).play(whole.subList(0, i));
          if (corpus.transport().stream() && at > 0) {
            player.play(whole.get(i).part(0, at));
          }
          String place = "cut at " + at + " of segment " + i;
          assertThat(player.seen).as(place).isEqualTo(all.subList(0, player.seen.size()));
          player.end(at % 2 == 0 ? "close" : "reset");
        });
  }

  /** Each response is reported before its request. */
  void responseFirst(Corpus corpus) {
    List<Segment> whole = Segment.of(corpus);
    List<Seen> reference = reference(corpus);
    for (int i = 2; i + 1 < whole.size(); i++) {
      if (whole.get(i).side() == Side.CLIENT && whole.get(i + 1).side() == Side.SERVER) {
        List<Segment> swapped = new ArrayList<>(whole);
        swapped.set(i, whole.get(i + 1));
        swapped.set(i + 1, whole.get(i));
        Player player = new Player(corpus, parsers).play(swapped);
        same(reference, player.end(corpus.end()), "segments " + i + " and " + (i + 1) + " swapped");
      }
    }
  }

  /** Everything comes twice, at once or overlapping. */
  void duplicates(Corpus corpus) {
    if (!corpus.transport().stream()) {
      return;
    }
    List<Segment> twice = new ArrayList<>();
    List<Segment> overlapping = new ArrayList<>();
    for (Segment s : Segment.of(corpus)) {
      twice.add(s);
      twice.add(s);
      if (s.payload().length == s.length() && s.length() > 2) {
        overlapping.add(s.part(0, s.length() * 2 / 3));
        overlapping.add(s.part(s.length() / 3, s.length()));
      } else {
        overlapping.add(s);
      }
    }
    same(corpus, new Player(corpus, parsers).play(twice).end(corpus.end()));
    same(corpus, new Player(corpus, parsers).play(overlapping).end(corpus.end()));
  }

  /**
   * Some bytes are lost, at every place: nothing is paired wrongly, and after the next turn all is
   * right again.
   */
  void gap(Corpus corpus) {
    if (!corpus.transport().stream()) {
      return;
    }
    List<Segment> whole = withMoreTraffic(corpus);
    Player undamaged = new Player(corpus, parsers).play(whole).end(corpus.end());
    places(
        Segment.of(corpus),
        (i, at) -> {
          Segment s = whole.get(i);
          int to = Math.min(s.length(), at + 1 + at % 17);
          List<Segment> played = new ArrayList<>(whole.subList(0, i));
          if (at > 0) {
            played.add(s.part(0, at));
          }
          if (to < s.length()) {
            played.add(s.part(to, s.length()));
          }
          played.addAll(whole.subList(i + 1, whole.size()));
          Player player = new Player(corpus, parsers);
          for (Segment segment : played) {
            player.play(segment);
            if (segment.time() > s.time()) {
              player.conversation().advance(segment.time() + LATE_NS);
            }
          }
          player.end(corpus.end());
          String place = "gap at " + at + " of segment " + i;
          sound(corpus, whole, undamaged.seen, player, i, place);
          if (at > 0 || to < s.length() || i > 1) { // else nobody knows of the loss
            wellFormed(corpus, whole, undamaged, player, place);
          }
        });
  }

  /**
   * A collector is killed within one burst, and its next life sees the rest of a later one as the
   * beginning of a burst.
   */
  void anotherLife(Corpus corpus) {
    if (!corpus.transport().stream()) {
      return;
    }
    List<Segment> whole = withMoreTraffic(corpus);
    Player undamaged = new Player(corpus, parsers).play(whole).end(corpus.end());
    places(
        Segment.of(corpus),
        (i, at) -> {
          int goesOn = i + 1 + at % 3;
          if (i < 2 || goesOn >= whole.size()) {
            return; // where the directions begin is known from their first segments
          }
          Player player = new Player(corpus, parsers).play(whole.subList(0, i));
          if (at > 0) {
            player.play(whole.get(i).part(0, at));
          }
          Segment s = whole.get(goesOn);
          player.play(asBurst(s.part(Math.min(at, s.length() - 1), s.length())));
          boolean[] turned = new boolean[2];
          for (Segment later : whole.subList(goesOn + 1, whole.size())) {
            boolean first = later.side() != s.side() && !turned[later.side().ordinal()];
            turned[later.side().ordinal()] = true;
            player.play(first ? asBurst(later) : later);
            player.conversation().advance(later.time() + LATE_NS);
          }
          player.end(corpus.end());
          String place = "killed at " + at + " of segment " + i + ", goes on in " + goesOn;
          wellFormed(corpus, whole, undamaged, player, place);
        });
  }

  private static Segment asBurst(Segment s) {
    return new Segment(s.side(), s.time(), s.position(), s.length(), s.payload(), true);
  }

  /**
   * What does not fit because of lost bytes is not malformed. Not so where they may have said that
   * another protocol follows.
   */
  private static void wellFormed(
      Corpus corpus, List<Segment> whole, Player undamaged, Player player, String place) {
    boolean captured = whole.stream().allMatch(s -> s.length() == s.payload().length);
    if (captured
        && corpus.opaque().isEmpty()
        && undamaged.shared.counters().malformed == 0
        && player.conversation().opaqueReason().isEmpty()) {
      assertThat(player.shared.counters().malformed).as(place).isZero();
    }
  }

  /** Each burst in turn is captured only so far. */
  void truncated(Corpus corpus) {
    List<Segment> whole = withMoreTraffic(corpus);
    List<Seen> reference = new Player(corpus, parsers).play(whole).end(corpus.end()).seen;
    places(
        Segment.of(corpus),
        (i, at) -> {
          Segment s = whole.get(i);
          Segment cut =
              new Segment(
                  s.side(), s.time(), s.position(), s.length(), s.part(0, at).payload(), s.burst());
          Player player = new Player(corpus, parsers).play(whole.subList(0, i));
          player.play(cut).play(whole.subList(i + 1, whole.size())).end(corpus.end());
          sound(corpus, whole, reference, player, i, "truncated at " + at + " of segment " + i);
        });
  }

  /** The corpus twice over, where that makes a conversation: not after a login or a switch. */
  List<Segment> withMoreTraffic(Corpus corpus) {
    List<Segment> once = Segment.of(corpus);
    List<Segment> twice = new ArrayList<>(once);
    long[] ends = new long[2];
    for (Segment s : once) {
      ends[s.side().ordinal()] = s.end();
    }
    long time = once.get(once.size() - 1).time();
    for (Segment s : once) {
      twice.add(
          new Segment(
              s.side(),
              time + s.time(),
              ends[s.side().ordinal()] + s.position(),
              s.length(),
              s.payload(),
              s.burst()));
    }
    List<String> seenOnce = summaries(new Player(corpus, parsers).play(once));
    List<String> seenTwice = summaries(new Player(corpus, parsers).play(twice));
    List<String> expected = new ArrayList<>(seenOnce);
    expected.addAll(seenOnce);
    return seenTwice.equals(expected) ? twice : once;
  }

  private static List<String> summaries(Player player) {
    return player.seen.stream()
        .map(s -> s.ending() + s.operation() + s.resource() + s.status() + s.responseBytes())
        .toList();
  }

  /**
   * Requests and responses are paired as without the damage in segment {@code damaged}, and from
   * the second turn on none is missing.
   */
  private static void sound(
      Corpus corpus,
      List<Segment> whole,
      List<Seen> reference,
      Player player,
      int damaged,
      String place) {
    Map<Long, Seen> byRequest = new HashMap<>();
    for (Seen s : reference) {
      byRequest.put(s.time() << 32 | s.requestPosition() & 0xffff_ffffL, s);
    }
    for (Seen s : player.seen) {
      Seen right = byRequest.get(s.time() << 32 | s.requestPosition() & 0xffff_ffffL);
      if (s.answered() && right != null && right.answered()) {
        assertThat(s.responsePosition()).as(place + ": " + s).isEqualTo(right.responsePosition());
      }
    }
    long from = damaged + 3 < whole.size() ? whole.get(damaged + 3).time() : Long.MAX_VALUE;
    if (corpus.skips("later") || !player.conversation().opaqueReason().isEmpty()) {
      return;
    }
    for (Seen s : reference) {
      if (s.answered() && s.time() >= from) {
        boolean there =
            player.seen.stream()
                .anyMatch(
                    p ->
                        p.requestPosition() == s.requestPosition()
                            && p.responsePosition() == s.responsePosition()
                            && p.status().equals(s.status()));
        assertThat(there).as(place + ": missing " + s + " in " + player.seen).isTrue();
      }
    }
  }

  /** One bit is wrong: anything may come of it, but it ends, and every byte is accounted for. */
  void flipped(Corpus corpus) {
    List<Segment> whole = Segment.of(corpus);
    places(
        whole,
        (i, at) -> {
          if (at < whole.get(i).payload().length) {
            List<Segment> damaged = new ArrayList<>(whole);
            Segment s = whole.get(i).part(0, whole.get(i).length());
            s.payload()[at] ^= (byte) (1 << at % 8);
            damaged.set(i, s);
            new Player(corpus, parsers).play(damaged).end(corpus.end());
          }
        });
  }

  /** Picked up at each segment: its own protocol or none, and no wrong pairs. */
  void midStream(Corpus corpus) {
    List<Segment> whole = Segment.of(corpus);
    List<Seen> reference = reference(corpus);
    for (int i = 1; i < whole.size(); i++) {
      Player player = new Player(corpus, parsers).midStream();
      player.play(whole.subList(i, whole.size())).end(corpus.end());
      String place = "from segment " + i;
      assertThat(player.conversation().protocol()).as(place).isIn("", corpus.protocol);
      if (!player.conversation().protocol().isEmpty()) {
        sound(corpus, whole, reference, player, whole.size(), place);
      }
    }
  }

  /** No other parser is sure of these bytes, at any place. */
  void confusion(Corpus corpus) {
    List<Segment> whole = Segment.of(corpus);
    Flow flow =
        new Flow(corpus.transport(), corpus.port(Side.CLIENT), corpus.port(Side.SERVER), true);
    byte[][] sides = {new byte[0], new byte[0]};
    for (Segment s : whole) {
      for (int n = 1; n <= s.payload().length; n++) {
        byte[] before = sides[s.side().ordinal()];
        byte[] now = concat(before, s.payload(), n);
        Input here = new Input().wrap(now, 0, now.length, 0, false);
        byte[] other = sides[s.side().opposite().ordinal()];
        Input there = new Input().wrap(other, 0, other.length, 0, false);
        boolean client = s.side() == Side.CLIENT;
        parsers.forEach(
            (id, parser) -> {
              if (!id.equals(corpus.protocol)) {
                Verdict verdict =
                    parser.recognise(client ? here : there, client ? there : here, flow);
                assertThat(verdict)
                    .as(
                        "%s on %d bytes from the client, %d from the server",
                        id, (client ? here : there).length(), (client ? there : here).length())
                    .isNotEqualTo(Verdict.YES);
              }
            });
        if (now.length > 512 || !corpus.transport().stream()) {
          break;
        }
      }
      sides[s.side().ordinal()] =
          concat(sides[s.side().ordinal()], s.payload(), s.payload().length);
      if (sides[0].length + sides[1].length > 1024 || s.length() > s.payload().length) {
        return; // recognition has happened long before
      }
    }
  }

  private static byte[] concat(byte[] a, byte[] b, int n) {
    byte[] both = java.util.Arrays.copyOf(a, a.length + n);
    System.arraycopy(b, 0, both, a.length, n);
    return both;
  }

  private void same(Corpus corpus, Player player) {
    same(reference(corpus), player, "");
  }

  private static void same(List<Seen> reference, Player player, String place) {
    assertThat(sorted(player.seen)).as(place).isEqualTo(sorted(reference));
  }

  static List<Seen> sorted(List<Seen> seen) {
    return seen.stream().sorted(BY_REQUEST).toList();
  }

  interface Place {
    void at(int segment, int offset);
  }

  /** Every place of every segment; of large corpora as many as can be tried. */
  private static void places(List<Segment> segments, Place test) {
    int stride = 1 + Segment.bytes(segments) / PLACES;
    int skip = 0;
    for (int i = 0; i < segments.size(); i++) {
      int length = segments.get(i).length();
      for (int at = 0; at < length; at++) {
        // the beginning of each segment densely: that is where heads are
        if (at < 16 || skip++ % stride == 0) {
          test.at(i, at);
        }
      }
    }
  }
}
