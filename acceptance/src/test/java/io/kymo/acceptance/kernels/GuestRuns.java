package io.kymo.acceptance.kernels;

import io.kymo.acceptance.Stack;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One run a kernel, which all tests of the matrix look at. */
final class GuestRuns {
  private static final int AT_ONCE = 2;
  private static final Map<String, Future<GuestRun>> RUNS = new TreeMap<>();

  private GuestRuns() {}

  /** Begins all of them, unless that was done. */
  static synchronized void start(Stack stack) throws IOException, InterruptedException {
    if (!RUNS.isEmpty()) {
      return;
    }
    Kernel.install();
    CollectorClasses classes = CollectorClasses.archived(stack);
    ExecutorService guests = Executors.newFixedThreadPool(AT_ONCE);
    List<String> slowestFirst = new ArrayList<>(Kernel.SERIES);
    Collections.reverse(slowestFirst);
    for (String series : slowestFirst) {
      RUNS.put(series, guests.submit(() -> GuestRun.of(Kernel.of(series), stack, classes)));
    }
    guests.shutdown();
  }

  /** Waits for the end of a run; fails as it failed. */
  static GuestRun of(String series) throws InterruptedException, ExecutionException {
    return RUNS.get(series).get();
  }
}
