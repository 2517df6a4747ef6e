package io.kymo.processor.battery;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the bytes, the gaps and the order: no parser throws, nothing loops, every byte is
 * accounted for. Starts from the corpora. In the ordinary tests these (and what fuzzing found,
 * under CorpusFuzzTestInputs) are run once each; to fuzz one transport:
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn -Djazzer.hooks=true -pl stream-processor -am test -Dtest=CorpusFuzzTest#stream -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
class CorpusFuzzTest {
  private static final Map<String, Parser> PARSERS = Reassembly.parsersOf(Privacy.DEFAULT);
  private static final Corpus STREAM = Corpus.parse("any", "stream", "@ transport=tcp");
  private static final Corpus DATAGRAMS = Corpus.parse("any", "datagrams", "@ transport=udp");

  static Stream<Arguments> streams() {
    return seeds(true);
  }

  static Stream<Arguments> datagram() {
    return seeds(false);
  }

  private static Stream<Arguments> seeds(boolean streams) {
    return Corpus.all("corpus").stream()
        .filter(c -> c.transport().stream() == streams)
        .map(c -> Arguments.of((Object) Script.of(Segment.of(c))));
  }

  @MethodSource("streams")
  @FuzzTest(maxDuration = "10m")
  void stream(byte[] script) {
    CorpusPropertyTest.run(STREAM, PARSERS, script);
  }

  @MethodSource("datagram")
  @FuzzTest(maxDuration = "10m")
  void datagrams(byte[] script) {
    CorpusPropertyTest.run(DATAGRAMS, PARSERS, script);
  }
}
