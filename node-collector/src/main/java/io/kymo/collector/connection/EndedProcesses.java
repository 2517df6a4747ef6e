package io.kymo.collector.connection;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Processes that ended so long ago that the kernel must have told what became of their connections.
 */
final class EndedProcesses {
  private final long graceNanos;
  private final ArrayDeque<Ended> waiting = new ArrayDeque<>();

  /** Sorted. */
  private int[] settled = {};

  EndedProcesses(long graceNanos) {
    this.graceNanos = graceNanos;
  }

  void add(int pid, long nowNanos) {
    waiting.add(new Ended(pid, nowNanos));
  }

  /** Moves on; a process is settled until the next call. */
  void settle(long nowNanos) {
    int count = 0;
    for (Ended ended : waiting) {
      if (nowNanos - ended.nanos < graceNanos) {
        break;
      }
      count++;
    }
    settled = new int[count];
    for (int i = 0; i < count; i++) {
      settled[i] = waiting.remove().pid;
    }
    Arrays.sort(settled);
  }

  boolean settled(int pid) {
    return settled.length > 0 && Arrays.binarySearch(settled, pid) >= 0;
  }

  private record Ended(int pid, long nanos) {}
}
