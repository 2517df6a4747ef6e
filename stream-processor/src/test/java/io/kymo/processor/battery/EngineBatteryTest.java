package io.kymo.processor.battery;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;

/** The battery over the protocol of lines, whose corpora show the engine's own behaviour. */
class EngineBatteryTest {
  @TestFactory
  Stream<DynamicContainer> lines() {
    return CorpusBatteryTest.containers(
        new Battery(Map.of("line", new LineParser())), Corpus.all("engine"));
  }
}
