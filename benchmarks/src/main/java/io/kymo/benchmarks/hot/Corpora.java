package io.kymo.benchmarks.hot;

import io.kymo.processor.battery.Corpus;
import io.kymo.processor.battery.Segment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The tests' corpora of one protocol, those that fit into a processor's cache. */
final class Corpora {
  private static final int LARGEST = 64 << 10;

  /** One connection. */
  record Dialogue(Corpus corpus, List<Segment> segments) {}

  private Corpora() {}

  static List<Dialogue> of(String protocol) {
    Path root =
        Path.of(System.getProperty("kymo.root"), "stream-processor/src/test/resources/corpus");
    List<Dialogue> dialogues = new ArrayList<>();
    for (Corpus corpus : Corpus.all(root.resolve(protocol))) {
      List<Segment> segments = Segment.of(corpus);
      if (segments.stream().mapToInt(s -> s.payload().length).sum() <= LARGEST) {
        dialogues.add(new Dialogue(corpus, segments));
      }
    }
    return dialogues;
  }
}
