package io.kymo.processor.pairing;

import java.util.ArrayDeque;

/** Parts to use again, for all conversations of a task. Not thread-safe. */
public final class PartPool {
  private static final int KEPT = 1024;

  private final ArrayDeque<Part> free = new ArrayDeque<>();

  /** A cleared part. */
  public Part take() {
    Part part = free.pollLast();
    return part == null ? new Part() : part;
  }

  public void give(Part part) {
    part.clear();
    if (free.size() < KEPT) {
      free.addLast(part);
    }
  }
}
