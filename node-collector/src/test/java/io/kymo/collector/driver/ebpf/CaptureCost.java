package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.DriverSettings;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * What capturing adds to system calls, as ratios within one run. Pairs of write and read of 512
 * bytes: over a Unix socket, over files; and pairs of a call that is not looked at (getppid). Each
 * without the driver, with it but out of scope, and captured. A program, not a test: prints one
 * line of JSON.
 */
public final class CaptureCost {
  private static final int ROUNDS = 5;
  private static final String BATCHES = "400";
  private static final String[] PAIRS = {"socket", "file", "other"};

  private CaptureCost() {}

  /** CPU ns of each pair, the best of all rounds. */
  private static double[] measure(DriverSettings settings)
      throws IOException, InterruptedException {
    double[] best = new double[PAIRS.length];
    Arrays.fill(best, Double.MAX_VALUE);
    for (int i = 0; i < ROUNDS; i++) {
      AtomicBoolean running = new AtomicBoolean(true);
      try (Capture capture = settings == null ? null : new Capture(settings);
          Traffic traffic = new Traffic("cost", BATCHES)) {
        Thread reader = new Thread(() -> read(capture, running));
        reader.start();
        String[] words = traffic.run().others.get(0).split(" ", -1);
        running.set(false);
        reader.join();
        for (int k = 0; k < best.length; k++) {
          best[k] = Math.min(best[k], Double.parseDouble(words[k + 1]));
        }
      }
    }
    return best;
  }

  private static void read(Capture capture, AtomicBoolean running) {
    Counter counter = new Counter();
    while (running.get() && capture != null) {
      if (capture.driver.poll(counter, 1000) == 0) {
        LockSupport.parkNanos(2_000_000);
      }
    }
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    double[] without = measure(null);
    double[] outOfScope;
    try (Traffic idle = new Traffic("cost", BATCHES)) {
      outOfScope = measure(DriverSettings.of(Capture.scope(Set.of(idle.pid), Set.of())));
    }
    double[] captured = measure(DriverSettings.of(Capture.children()));
    StringBuilder json = new StringBuilder("{");
    for (int k = 0; k < PAIRS.length; k++) {
      json.append(
          String.format(
              Locale.ROOT,
              "%s\"%s\":{\"pair_ns\":%.0f,\"out_of_scope\":%.3f,\"captured\":%.3f,\"added_ns_a_call_out_of_scope\":%.0f,\"added_ns_a_call\":%.0f}",
              k == 0 ? "" : ",",
              PAIRS[k],
              without[k],
              outOfScope[k] / without[k],
              captured[k] / without[k],
              (outOfScope[k] - without[k]) / 2,
              (captured[k] - without[k]) / 2));
    }
    System.out.println(json.append("}"));
  }
}
