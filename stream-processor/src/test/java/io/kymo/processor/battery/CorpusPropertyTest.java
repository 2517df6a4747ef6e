package io.kymo.processor.battery;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * What the network and parallel calls do to the order of segments changes no result; and no damage
 * stops anything.
 */
class CorpusPropertyTest {
  private static final int MOST_APART = 6;

  private final List<Corpus> corpora = new ArrayList<>();
  private final Map<String, Parser> parsers =
      new java.util.LinkedHashMap<>(Reassembly.parsersOf(Privacy.DEFAULT));
  private final Map<Corpus, List<Seen>> references = new HashMap<>();

  CorpusPropertyTest() {
    corpora.addAll(Corpus.all("corpus"));
    corpora.addAll(Corpus.all("engine"));
    parsers.put("line", new LineParser());
  }

  @Provide
  Arbitrary<Corpus> corpora() {
    return Arbitraries.of(corpora);
  }

  @Provide
  Arbitrary<Corpus> whole() {
    return Arbitraries.of(
        corpora.stream()
            .filter(c -> c.transport().stream() && !c.skips("splits") && !c.skips("saved"))
            .toList());
  }

  @Property(tries = 1500, shrinking = ShrinkingMode.OFF)
  void orderChangesNothing(@ForAll("whole") Corpus corpus, @ForAll long seed) {
    Random random = new Random(seed);
    List<Segment> split = split(Segment.of(corpus), random);
    List<Segment> segments =
        repeated(shuffled(split, !corpus.protocol.equals("line"), random), random);
    Player player = new Player(corpus, parsers).opened();
    for (Segment segment : segments) {
      if (random.nextInt(5) == 0) {
        player.saveAndLoad();
      }
      player.play(segment);
    }
    List<Seen> reference =
        references.computeIfAbsent(
            corpus,
            c ->
                Battery.sorted(
                    new Player(c, parsers).opened().play(Segment.of(c)).end(c.end()).seen));
    assertThat(Battery.sorted(player.end(corpus.end()).seen))
        .as("%s with seed %d", corpus, seed)
        .isEqualTo(reference);
  }

  private static List<Segment> split(List<Segment> whole, Random random) {
    List<Segment> parts = new ArrayList<>();
    int typical = 1 + random.nextInt(40);
    for (Segment s : whole) {
      int from = 0;
      while (from < s.payload().length - 1) {
        int to = Math.min(s.payload().length, from + 1 + random.nextInt(2 * typical));
        if (to == s.payload().length) {
          break;
        }
        parts.add(s.part(from, to));
        from = to;
      }
      parts.add(s.part(from, s.length()));
    }
    return parts;
  }

  /**
   * Segments of the same direction change places. Across turns only for lines: in real protocols
   * what a client sends may mean one thing before the server has answered and another thing after
   * it.
   */
  private static List<Segment> shuffled(
      List<Segment> segments, boolean withinBursts, Random random) {
    List<Segment> shuffled = new ArrayList<>(segments);
    for (int n = segments.size(); n > 0; n--) {
      int a = random.nextInt(segments.size());
      int b = Math.min(segments.size() - 1, a + random.nextInt(MOST_APART));
      Segment s = shuffled.get(a);
      Segment t = shuffled.get(b);
      if (s.side() == t.side() && (!withinBursts || s.time() == t.time())) {
        shuffled.set(a, shuffled.get(b));
        shuffled.set(b, s);
      }
    }
    return shuffled;
  }

  private static List<Segment> repeated(List<Segment> segments, Random random) {
    List<Segment> repeated = new ArrayList<>();
    for (Segment s : segments) {
      repeated.add(s);
      if (random.nextInt(4) == 0) {
        repeated.add(repeated.get(random.nextInt(repeated.size())));
      }
    }
    return repeated;
  }

  @Property(tries = 3000, shrinking = ShrinkingMode.OFF)
  void damageStopsNothing(@ForAll("corpora") Corpus corpus, @ForAll long seed) {
    Random random = new Random(seed);
    byte[] script = Script.of(Segment.of(corpus));
    for (int n = random.nextInt(8); n >= 0 && script.length > 20; n--) {
      script = damaged(script, random);
    }
    run(corpus, parsers, script);
  }

  private static byte[] damaged(byte[] script, Random random) {
    int at = random.nextInt(script.length);
    int length = 1 + random.nextInt(Math.min(19, script.length - at));
    switch (random.nextInt(5)) {
      case 0:
        script[at] ^= (byte) (1 << random.nextInt(8));
        return script;
      case 1:
        script[at] = (byte) random.nextInt();
        return script;
      case 2:
        Arrays.fill(script, at, at + length, (byte) (random.nextBoolean() ? 0xff : 0));
        return script;
      case 3: // a piece is missing
        return joined(script, at, at + length);
      default: // a piece comes twice
        return joined(script, at + length, at);
    }
  }

  /** The script up to {@code to}, then the script from {@code from}. */
  private static byte[] joined(byte[] script, int to, int from) {
    byte[] both = Arrays.copyOf(script, to + script.length - from);
    System.arraycopy(script, from, both, to, script.length - from);
    return both;
  }

  /** Plays a script to the end, whatever it says. */
  static void run(Corpus corpus, Map<String, Parser> parsers, byte[] script) {
    Player player = new Player(corpus, parsers);
    for (Script.Step step : Script.read(script)) {
      if (step.saved()) {
        player.saveAndLoad();
      }
      if (step.close()) {
        player.conversation().close(step.segment().time(), -1, -1, false);
      }
      player.play(step.segment());
    }
    player.end("open");
  }
}
