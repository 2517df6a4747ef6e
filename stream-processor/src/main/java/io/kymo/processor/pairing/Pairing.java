package io.kymo.processor.pairing;

import io.kymo.protocol.Message;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * The requests of one connection that wait for their response. Responses go to the oldest request
 * ({@link Message#IN_ORDER}: pipelining works), or to the one with their correlation id. A response
 * may come before its request (calls that run in parallel are not always reported in order): it
 * waits a while, too. Times follow cause and effect: what was sent before a request is not its
 * answer. Everything that waits is bounded.
 */
public final class Pairing {
  private static final int MOST_EARLY = 64;

  private final ExchangeListener listener;
  private final PartPool pool;
  private final int limit;
  private final boolean stream;
  private final ArrayDeque<Part> inFlight = new ArrayDeque<>(2);
  private final ArrayDeque<Part> early = new ArrayDeque<>(0);
  private final CompletedExchange completed = new CompletedExchange();
  private long exchanges;
  private long unpaired;

  /**
   * @param limit most requests in flight; beyond it the oldest ends as {@link Ending#OVERFLOW}
   * @param stream false for datagrams
   */
  public Pairing(ExchangeListener listener, PartPool pool, int limit, boolean stream) {
    this.listener = listener;
    this.pool = pool;
    this.limit = limit;
    this.stream = stream;
  }

  /** Takes over {@code request}, to be given back to the pool when it is answered. */
  public void request(Part request) {
    if (request.orphaned() && request.message().correlation() == Message.IN_ORDER) {
      end(request, Ending.CAPTURE_GAP);
      return;
    }
    Part response = early.isEmpty() ? null : takeEarly(request);
    if (response != null) {
      answer(request, response);
      return;
    }
    if (inFlight.size() >= limit) {
      end(inFlight.pollFirst(), Ending.OVERFLOW);
    }
    inFlight.addLast(request);
  }

  /** Takes over {@code response}. */
  public void response(Part response) {
    if (response.orphaned() && response.message().correlation() == Message.IN_ORDER) {
      drop(response);
      return;
    }
    Part request = take(response);
    if (request != null) {
      answer(request, response);
      return;
    }
    if (early.size() >= MOST_EARLY) {
      drop(early.pollFirst());
    }
    early.addLast(response);
  }

  private void answer(Part request, Part response) {
    if (!request.reported() && !response.message().unreported()) {
      exchanges++;
      listener.exchange(completed.wrap(request, response, Ending.ANSWERED, stream));
    }
    skip(response.message().skippedRequests());
    pool.give(request);
    pool.give(response);
  }

  /** The server passed over the next {@code count} requests in order. */
  private void skip(int count) {
    int left = count;
    for (Iterator<Part> i = inFlight.iterator(); left > 0 && i.hasNext(); ) {
      Part request = i.next();
      if (request.message().correlation() == Message.IN_ORDER) {
        i.remove();
        pool.give(request);
        left--;
      }
    }
  }

  private void drop(Part response) {
    unpaired++;
    pool.give(response);
  }

  /** Takes over {@code message}. */
  public void oneWay(Part message) {
    exchanges++;
    listener.exchange(completed.wrap(message, null, Ending.ONE_WAY, stream));
    pool.give(message);
  }

  private Part take(Part response) {
    long correlation = response.message().correlation();
    // The oldest in order. By id the newest: who uses an id again has given up on what had it
    // before.
    Iterator<Part> i =
        correlation == Message.IN_ORDER ? inFlight.iterator() : inFlight.descendingIterator();
    while (i.hasNext()) {
      Part request = i.next();
      if (request.message().correlation() == correlation) {
        boolean later = response.startTime() < request.startTime();
        if (!later) {
          i.remove();
          return request;
        }
        if (correlation == Message.IN_ORDER) {
          return null;
        }
      }
    }
    return null;
  }

  private Part takeEarly(Part request) {
    long correlation = request.message().correlation();
    for (Iterator<Part> i = early.iterator(); i.hasNext(); ) {
      Part response = i.next();
      if (response.message().correlation() == correlation) {
        boolean itsAnswer = response.startTime() >= request.startTime();
        if (itsAnswer || correlation == Message.IN_ORDER) {
          i.remove();
        }
        if (itsAnswer) {
          return response;
        }
        if (correlation == Message.IN_ORDER) {
          drop(response); // requests come in order: no later one is older than this
        }
      }
    }
    return null;
  }

  private void dropEarly(long before, boolean inOrderOnly) {
    for (int n = early.size(); n > 0; n--) {
      Part response = early.pollFirst();
      boolean drop =
          response.startTime() < before
              && (!inOrderOnly || response.message().correlation() == Message.IN_ORDER);
      if (drop) {
        drop(response);
      } else {
        early.addLast(response);
      }
    }
  }

  /** Ends every request in flight that relies on order. */
  public void endInOrder(Ending ending) {
    dropEarly(Long.MAX_VALUE, true);
    for (int n = inFlight.size(); n > 0; n--) {
      Part request = inFlight.pollFirst();
      if (request.message().correlation() == Message.IN_ORDER) {
        end(request, ending);
      } else {
        inFlight.addLast(request);
      }
    }
  }

  public void endAll(Ending ending) {
    dropEarly(Long.MAX_VALUE, false);
    while (!inFlight.isEmpty()) {
      end(inFlight.pollFirst(), ending);
    }
  }

  /**
   * Ends requests whose last byte was seen before {@code time} as {@link Ending#TIMEOUT}, and
   * forgets responses from before {@code earlyTime} whose request never came.
   *
   * @return how many requests timed out
   */
  public int timeOut(long time, long earlyTime) {
    dropEarly(earlyTime, false);
    int count = 0;
    for (int n = inFlight.size(); n > 0; n--) {
      Part request = inFlight.pollFirst();
      if (request.endTime() >= time || request.reported()) {
        inFlight.addLast(request);
        continue;
      }
      count++;
      unpaired++;
      if (request.message().correlation() == Message.IN_ORDER) {
        report(request, Ending.TIMEOUT);
        request.markReported();
        inFlight.addLast(request);
      } else {
        end(request, Ending.TIMEOUT);
      }
    }
    return count;
  }

  /** Does any request wait whose response comes in order? */
  public boolean anyInOrder() {
    for (Part request : inFlight) {
      if (request.message().correlation() == Message.IN_ORDER) {
        return true;
      }
    }
    return false;
  }

  /** Requests and responses that wait for each other. */
  public int waiting() {
    return inFlight.size() + early.size();
  }

  /**
   * First byte of the oldest response that waits for its request, ns; Long.MAX_VALUE when there is
   * none.
   */
  public long oldestEarly() {
    long oldest = Long.MAX_VALUE;
    for (Part response : early) {
      oldest = Math.min(oldest, response.startTime());
    }
    return oldest;
  }

  /**
   * Last byte of the oldest request that no row was made of yet, ns; Long.MAX_VALUE when there is
   * none.
   */
  public long oldest() {
    long oldest = Long.MAX_VALUE;
    for (Part request : inFlight) {
      if (!request.reported()) {
        oldest = Math.min(oldest, request.endTime());
      }
    }
    return oldest;
  }

  /** Exchanges handed out so far. */
  public long exchanges() {
    return exchanges;
  }

  /** Responses without request and requests that timed out, so far. */
  public long unpaired() {
    return unpaired;
  }

  private void end(Part request, Ending ending) {
    if (!request.reported()) {
      report(request, ending);
    }
    pool.give(request);
  }

  private void report(Part request, Ending ending) {
    exchanges++;
    listener.exchange(completed.wrap(request, null, ending, stream));
  }

  public void save(DataOutput out) throws IOException {
    out.writeLong(exchanges);
    out.writeLong(unpaired);
    save(inFlight, out);
    save(early, out);
  }

  /** Into a fresh instance. */
  public void load(DataInput in) throws IOException {
    exchanges = in.readLong();
    unpaired = in.readLong();
    load(inFlight, in);
    load(early, in);
  }

  private static void save(ArrayDeque<Part> parts, DataOutput out) throws IOException {
    out.writeInt(parts.size());
    for (Part part : parts) {
      part.save(out);
    }
  }

  private void load(ArrayDeque<Part> parts, DataInput in) throws IOException {
    for (int n = in.readInt(); n > 0; n--) {
      Part part = pool.take();
      part.load(in);
      parts.addLast(part);
    }
  }
}
