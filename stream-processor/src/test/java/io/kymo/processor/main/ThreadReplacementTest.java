package io.kymo.processor.main;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadReplacementTest {
  private final Metrics metrics = new Metrics();
  private final List<Throwable> givenUp = new ArrayList<>();
  private long nowMs;
  private final ThreadReplacement replacement =
      new ThreadReplacement(2, metrics, () -> nowMs, givenUp::add);
  private final RuntimeException failure = new RuntimeException("on purpose");

  @Test
  void onlySoManyThreadsAreReplaced() {
    assertThat(replacement.handle(failure)).isEqualTo(REPLACE_THREAD);
    assertThat(replacement.handle(failure)).isEqualTo(REPLACE_THREAD);
    assertThat(givenUp).isEmpty();
    assertThat(replacement.handle(failure)).isEqualTo(SHUTDOWN_CLIENT);
    assertThat(givenUp).containsExactly(failure);
    assertThat(metrics.total(ProcessorCounter.THREADS_REPLACED)).isEqualTo(2);
  }

  @Test
  void failuresLongAgoDoNotCount() {
    replacement.handle(failure);
    replacement.handle(failure);
    nowMs += 10 * 60 * 1_000;
    assertThat(replacement.handle(failure)).isEqualTo(REPLACE_THREAD);
    assertThat(givenUp).isEmpty();
  }
}
