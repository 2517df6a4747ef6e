package io.kymo.collector.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rate of the kernel's ticks is found whatever the time since boot. */
class TicksTest {
  private static final long BEFORE_WRAP_S = 300;
  private static final long SECOND = 1_000_000_000L;

  private static long jiffies(int rate, double upS) {
    double late = 0.8; // the first ticks come when timers are set up
    return (1L << 32) - BEFORE_WRAP_S * rate + (long) (rate * (upS - late));
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 250, 300, 1000})
  void byTheTimeSinceBoot(int rate) {
    for (int up : new int[] {20, 200, 400, 86_400, 4_320_000}) {
      assertThat(new Ticks().rate(jiffies(rate, up), up * SECOND))
          .as("up %s s", up)
          .isEqualTo(rate);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 250, 300, 1000})
  void byTwoReadingsWhereTheTimeSinceBootSaysNothing(int rate) {
    Ticks ticks = new Ticks();
    ticks.rate(jiffies(rate, 300), 300 * SECOND);
    assertThat(ticks.rate(jiffies(rate, 301), 301 * SECOND)).isEqualTo(rate);
    assertThat(ticks.rate(jiffies(rate, 299), 299 * SECOND)).isEqualTo(rate);
    assertThat(ticks.rate(jiffies(rate, 9_999), 9_999 * SECOND)).isEqualTo(rate);
  }
}
