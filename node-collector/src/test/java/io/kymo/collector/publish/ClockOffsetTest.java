package io.kymo.collector.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ClockOffsetTest {
  private final SettableClock wall = new SettableClock();
  private long monotonicNanos = 5_000;

  @Test
  void addedToKernelTimeItGivesTheEpoch() {
    wall.epochNanos = 1_700_000_000_000_000_123L;
    ClockOffset offset = new ClockOffset(wall, () -> monotonicNanos);

    assertThat(monotonicNanos + offset.nanos()).isEqualTo(1_700_000_000_000_000_123L);
  }

  @Test
  void followsASetClockButNotJitter() {
    wall.epochNanos = 1_000_000_000L;
    ClockOffset offset = new ClockOffset(wall, () -> monotonicNanos);
    long before = offset.nanos();

    wall.epochNanos += 15_000;
    offset.refresh();
    assertThat(offset.nanos()).isEqualTo(before);

    wall.epochNanos += 3_600_000_000_000L;
    offset.refresh();
    assertThat(offset.nanos()).isEqualTo(before + 15_000 + 3_600_000_000_000L);
  }

  private static final class SettableClock extends Clock {
    private long epochNanos;

    @Override
    public Instant instant() {
      return Instant.ofEpochSecond(0, epochNanos);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
