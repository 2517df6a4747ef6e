package io.kymo.processor.main;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces stream threads that fail, but not for ever: what fails again and again needs a person,
 * or a new process.
 */
final class ThreadReplacement implements StreamsUncaughtExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadReplacement.class);
  private static final long WINDOW_MS = Duration.ofMinutes(10).toMillis();

  private final int most;
  private final Metrics metrics;
  private final LongSupplier clockMs;
  private final Consumer<Throwable> giveUp;
  private final ArrayDeque<Long> replacedAtMs = new ArrayDeque<>();

  /**
   * @param most replacements within ten minutes
   * @param giveUp called once there would be more
   */
  ThreadReplacement(int most, Metrics metrics, LongSupplier clockMs, Consumer<Throwable> giveUp) {
    this.most = most;
    this.metrics = metrics;
    this.clockMs = clockMs;
    this.giveUp = giveUp;
  }

  @Override
  public synchronized StreamThreadExceptionResponse handle(Throwable failure) {
    long now = clockMs.getAsLong();
    while (!replacedAtMs.isEmpty() && replacedAtMs.peekFirst() <= now - WINDOW_MS) {
      replacedAtMs.removeFirst();
    }
    if (replacedAtMs.size() >= most) {
      LOG.error(
          "a stream thread failed, and {} were replaced within ten minutes: giving up",
          most,
          failure);
      giveUp.accept(failure);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    replacedAtMs.addLast(now);
    metrics.add(ProcessorCounter.THREADS_REPLACED, 1);
    LOG.warn(
        "a stream thread failed and is replaced ({} of {})", replacedAtMs.size(), most, failure);
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }
}
