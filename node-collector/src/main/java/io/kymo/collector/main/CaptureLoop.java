package io.kymo.collector.main;

import io.kymo.collector.connection.ConnectionTracker;
import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.publish.Batcher;
import io.kymo.collector.publish.ClockOffset;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** The capturing thread: takes events from the driver, hands batches on, keeps house. */
final class CaptureLoop implements Runnable {
  private static final long HOUSEKEEPING_NANOS = 1_000_000_000L;

  private final Driver driver;
  private final CaptureHandler handler;
  private final EventHandler guarded;
  private final BooleanSupplier crowded;
  private final ConnectionTracker connections;
  private final Batcher batcher;
  private final Counters counters;
  private final KernelCounters kernel;
  private final ClockOffset offset;
  private final LongSupplier clock;
  private final IdleStrategy idle;
  private final int limit;
  private final long udpIdleNanos;

  private long housekeepingNanos;
  private volatile boolean stopping;
  private volatile String failure;

  /**
   * @param crowded true when events had better wait: those of a driver that can wait as long as it
   *     takes, those of others in the ring as long as half of it is free
   * @param clock the clock of {@link System#nanoTime}
   * @param limit most events of one cycle
   * @param udpIdleNanos after so long a datagram conversation is over
   */
  CaptureLoop(
      Driver driver,
      CaptureHandler handler,
      BooleanSupplier crowded,
      ConnectionTracker connections,
      Batcher batcher,
      Counters counters,
      ClockOffset offset,
      LongSupplier clock,
      IdleStrategy idle,
      int limit,
      long udpIdleNanos) {
    this.driver = driver;
    this.handler = handler;
    this.guarded = new GuardedHandler(handler, counters);
    this.crowded = crowded;
    this.connections = connections;
    this.batcher = batcher;
    this.counters = counters;
    this.kernel = new KernelCounters(driver.cpus());
    this.offset = offset;
    this.clock = clock;
    this.idle = idle;
    this.limit = limit;
    this.udpIdleNanos = udpIdleNanos;
    this.housekeepingNanos = clock.getAsLong();
  }

  /** Runs until {@link #stop}; then takes what the ring still holds and hands everything on. */
  @Override
  public void run() {
    try {
      while (!stopping && !driver.finished()) {
        int work = cycle();
        if (work < limit) { // else more is waiting
          idle.idle(work);
        }
      }
      drain();
    } catch (RuntimeException | Error e) {
      failure = "capturing ended: " + e;
      throw e;
    }
  }

  void stop() {
    stopping = true;
  }

  /** One line, or null while the thread does its work. */
  String problem() {
    return failure;
  }

  /** The duty cycle: returns how much was done. */
  int cycle() {
    long now = clock.getAsLong();
    int events = 0;
    int batches = 0;
    handler.now(now);
    try {
      connections.adoptFound(now);
      events = held() ? 0 : driver.poll(guarded, limit);
      if (now - housekeepingNanos >= HOUSEKEEPING_NANOS) {
        housekeepingNanos = now;
        keepHouse(now);
      }
      batches = batcher.flushDue(now);
    } finally {
      counters.add(CollectorCounter.RECEIVED_EVENTS, events);
      handler.publishCounts();
    }
    return events + batches;
  }

  private boolean held() {
    return !stopping
        && crowded.getAsBoolean()
        && (driver.canWait() || driver.backlogBytes() < driver.capacityBytes() / 2);
  }

  /** What the ring held when the driver stopped, and what waited in batches. */
  void drain() {
    stopping = true; // nothing is held back any more
    driver.stop();
    int work;
    do {
      work = cycle();
    } while (work > 0);
    driver.counters(kernel);
    counters.kernel(kernel);
    batcher.flushAll(clock.getAsLong());
  }

  private void keepHouse(long now) {
    offset.refresh();
    driver.counters(kernel);
    counters.kernel(kernel);
    driver.sampleTcp();
    connections.sweep(now, udpIdleNanos, handler::closedUnseen);
  }
}
