package io.kymo.processor.battery;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Corpora with {@value #SECRET} in passwords, cookies, values, query values and messages: it is in
 * no field of any exchange, however the capture cuts what it saw.
 */
class PlantedSecretsTest {
  static final String SECRET = "s3cr3t";
  private static final String IN_BASE64 = "czNjcjN0";

  private final Map<String, Parser> parsers = Reassembly.parsersOf(Privacy.DEFAULT);

  private static List<Corpus> planted() {
    return Corpus.all("corpus").stream()
        .filter(c -> Segment.of(c).stream().anyMatch(s -> contains(s.payload())))
        .toList();
  }

  private static boolean contains(byte[] payload) {
    return contains(new String(payload, StandardCharsets.ISO_8859_1));
  }

  private static boolean contains(String text) {
    return text.toLowerCase(Locale.ROOT).contains(SECRET) || text.contains(IN_BASE64);
  }

  @Test
  void someCorporaHaveThem() {
    assertThat(planted()).extracting(c -> c.protocol).contains("http", "redis");
    assertThat(planted()).hasSizeGreaterThan(8);
  }

  @TestFactory
  List<DynamicTest> secretsStay() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Corpus corpus : planted()) {
      tests.add(DynamicTest.dynamicTest(corpus.toString(), () -> stay(corpus)));
    }
    return tests;
  }

  private void stay(Corpus corpus) {
    List<Segment> whole = Segment.of(corpus);
    check(corpus, whole, "whole");
    for (int i = 0; i < whole.size(); i++) {
      Segment s = whole.get(i);
      int step = 1 + s.payload().length / 300;
      for (int at = 1; at < s.payload().length; at += step) {
        byte[] captured = s.part(0, at).payload();
        List<Segment> cut = new ArrayList<>(whole);
        cut.set(i, new Segment(s.side(), s.time(), s.position(), s.length(), captured, s.burst()));
        check(corpus, cut, "segment " + i + " captured to " + at);
        if (corpus.transport().stream()) {
          cut.set(i, s.part(at, s.length()));
          check(corpus, cut, "segment " + i + " lost to " + at);
        }
      }
    }
  }

  private void check(Corpus corpus, List<Segment> segments, String how) {
    for (Seen seen : new Player(corpus, parsers).play(segments).end(corpus.end()).seen) {
      assertThat(contains(seen.toString())).as("%s %s: %s", corpus, how, seen).isFalse();
    }
  }
}
