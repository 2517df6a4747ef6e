package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.driver.Scope;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/** A started driver, confined to what the test starts, with a recorder behind it. */
final class Capture implements AutoCloseable {
  private static final int SELF = (int) ProcessHandle.current().pid();
  private static final int QUIET_ROUNDS = 20;
  final Recorder recorder = new Recorder();
  final EbpfDriver driver;

  Capture(DriverSettings settings) {
    this(settings, EbpfOptions.DEFAULT, null);
  }

  Capture(DriverSettings settings, EbpfOptions options, Flavour only) {
    driver = new EbpfDriver(settings, options, only);
    driver.start();
  }

  Capture() {
    this(DriverSettings.of(children()));
  }

  /** This process's children: the process itself always is left out. */
  static Scope children() {
    return scope(Set.of(SELF), Set.of());
  }

  static Scope scope(Set<Integer> pids, Set<Path> netns) {
    return new Scope(netns, Set.of(), pids, Set.of(), Set.of(), Set.of());
  }

  /** Stops, and takes all that waits in the ring. */
  Recorder finish() {
    finish(recorder);
    return recorder;
  }

  /** The same, for another handler than the recorder. */
  void finish(EventHandler handler) {
    driver.stop();
    for (int quiet = 0; quiet < QUIET_ROUNDS; ) {
      if (driver.poll(handler, 1000) == 0) {
        quiet++;
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  long count(KernelCounter counter) {
    KernelCounters counters = new KernelCounters(driver.cpus());
    driver.counters(counters);
    return counters.total(counter);
  }

  @Override
  public void close() {
    driver.stop();
    driver.close();
  }
}
