package io.kymo.processor.battery;

import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Privacy;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The battery over the corpora of all protocols. For one protocol or corpus: {@code
 * -Dcorpus=redis/pipelining} (a part of the name).
 */
class CorpusBatteryTest {
  @TestFactory
  Stream<DynamicContainer> everyCorpus() {
    return containers(
        new Battery(Reassembly.parsersOf(Privacy.DEFAULT)),
        Corpus.all("corpus").stream()
            .filter(c -> c.toString().contains(System.getProperty("corpus", "")))
            .toList());
  }

  static Stream<DynamicContainer> containers(Battery battery, List<Corpus> corpora) {
    return corpora.stream()
        .map(
            corpus ->
                DynamicContainer.dynamicContainer(
                    corpus + ": " + corpus.title,
                    battery.tests().entrySet().stream()
                        .filter(test -> !corpus.skips(test.getKey()))
                        .map(
                            test ->
                                DynamicTest.dynamicTest(
                                    corpus + " " + test.getKey(), () -> named(test, corpus)))));
  }

  // surefire reports dynamic tests by number only
  private static void named(Map.Entry<String, Consumer<Corpus>> test, Corpus corpus) {
    try {
      test.getValue().accept(corpus);
    } catch (AssertionError e) {
      throw new AssertionError(corpus + " " + test.getKey() + ": " + e.getMessage(), e);
    }
  }
}
