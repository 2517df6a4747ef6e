package io.kymo.processor.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Path PAGE = Path.of("..", "docs", "counters-processor.md");

  private final Metrics metrics = new Metrics();

  @Test
  void everyCounterIsShownUnderItsName() {
    for (ProcessorCounter counter : ProcessorCounter.values()) {
      if (counter.label() == null) {
        metrics.add(counter, 3);
      } else {
        metrics.add(counter, "x", 1);
        metrics.add(counter, "y", 2);
      }
      assertThat(metrics.total(counter)).isEqualTo(3);
    }
    String shown = metrics.prometheus();
    for (ProcessorCounter counter : ProcessorCounter.values()) {
      String name = "kymo_" + counter.id() + "_total";
      assertThat(shown)
          .contains(
              counter.label() == null
                  ? name + " 3.0"
                  : name + "{" + counter.label() + "=\"y\"} 2.0");
    }
  }

  @Test
  void gaugesMoveBothWays() {
    metrics.move(ProcessorGauge.PENDING_BYTES, 10);
    metrics.move(ProcessorGauge.PENDING_BYTES, -4);
    assertThat(metrics.value(ProcessorGauge.PENDING_BYTES)).isEqualTo(6);
    assertThat(metrics.prometheus()).contains("kymo_pending_bytes 6.0");
  }

  @Test
  void idsAreUniqueAndDocumented() {
    Set<String> ids = new HashSet<>();
    for (ProcessorCounter counter : ProcessorCounter.values()) {
      assertThat(ids.add(counter.id())).as(counter.id()).isTrue();
      assertThat(counter.id()).matches("[a-z]+(_[a-z]+)*");
      assertThat(counter.unit()).isNotBlank();
      assertThat(counter.meaning()).endsWith(".");
    }
    for (ProcessorGauge gauge : ProcessorGauge.values()) {
      assertThat(ids.add(gauge.id())).as(gauge.id()).isTrue();
    }
  }

  @Test
  void thePageIsWhatTheEnumsSay() throws IOException {
    if (Boolean.getBoolean("kymo.docs.write")) {
      Files.writeString(PAGE, CountersPage.markdown());
    }
    assertThat(PAGE)
        .as("written anew by: mvn test -Dtest=MetricsTest -DargLine=-Dkymo.docs.write=true")
        .hasContent(CountersPage.markdown());
  }
}
