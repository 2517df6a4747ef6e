package io.kymo.processor.pairing;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;

/** The requests that wait for their responses, in the order in which they were sent. */
final class Requests {
  private final ArrayDeque<Part> waiting = new ArrayDeque<>(2);
  private int turns; // how many of them begin a turn, so that most looks for one are short

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  int size() {
    return waiting.size();
  }

  void add(Part request) {
    waiting.addLast(request);
    turns += request.turn() ? 1 : 0;
  }

  Part removeOldest() {
    return removed(waiting.pollFirst());
  }

  private Part removed(Part request) {
    turns -= request.turn() ? 1 : 0;
    return request;
  }

  /** Takes out the one that this response belongs to; null when there is none. */
  Part take(Part response) {
    long correlation = response.message().correlation();
    // The oldest in order. By id the newest: who uses an id again has given up on what had it
    // before.
    Iterator<Part> i = response.inOrder() ? waiting.iterator() : waiting.descendingIterator();
    while (i.hasNext()) {
      Part request = i.next();
      if (request.message().correlation() == correlation) {
        boolean later = response.startTime() < request.startTime();
        if (!later) {
          i.remove();
          return removed(request);
        }
        if (response.inOrder()) {
          return null;
        }
      }
    }
    return null;
  }

  /** Takes out the oldest whose response comes in order; null when there is none. */
  Part takeInOrder() {
    for (Iterator<Part> i = waiting.iterator(); i.hasNext(); ) {
      Part request = i.next();
      if (request.inOrder()) {
        i.remove();
        return removed(request);
      }
    }
    return null;
  }

  /** Does any request wait whose response comes in order? */
  boolean anyInOrder() {
    for (Part request : waiting) {
      if (request.inOrder()) {
        return true;
      }
    }
    return false;
  }

  /** Do several requests wait whose responses come in order? */
  boolean severalInOrder() {
    int count = 0;
    for (Iterator<Part> i = waiting.iterator(); count < 2 && i.hasNext(); ) {
      count += i.next().inOrder() ? 1 : 0;
    }
    return count > 1;
  }

  /** Did the client begin a turn before {@code time} with one of these? */
  boolean turnBefore(long time) {
    if (turns == 0) {
      return false;
    }
    for (Part request : waiting) {
      if (request.turn() && request.startTime() < time) {
        return true;
      }
    }
    return false;
  }

  /**
   * Last byte of the oldest request that no row was made of yet, ns; Long.MAX_VALUE when there is
   * none.
   */
  long oldest() {
    long oldest = Long.MAX_VALUE;
    for (Part request : waiting) {
      if (!request.reported()) {
        oldest = Math.min(oldest, request.endTime());
      }
    }
    return oldest;
  }

  void save(DataOutput out) throws IOException {
    Part.saveAll(waiting, out);
  }

  void load(DataInput in, PartPool pool) throws IOException {
    Part.loadAll(waiting, in, pool);
    for (Part request : waiting) {
      turns += request.turn() ? 1 : 0;
    }
  }
}
