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
  private final Requests inFlight = new Requests();
  private final ArrayDeque<Part> early = new ArrayDeque<>(0);
  private final Order order = new Order();
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
    if (request.inOrder() && (request.orphaned() || order.unknown())) {
      end(request, request.orphaned() ? Ending.CAPTURE_GAP : Ending.AMBIGUOUS);
      return;
    }
    Part response = early.isEmpty() ? null : takeEarly(request);
    if (response != null) {
      pair(request, response);
      return;
    }
    if (inFlight.size() >= limit) {
      end(inFlight.removeOldest(), Ending.OVERFLOW);
    }
    inFlight.add(request);
  }

  /** Takes over {@code response}. */
  public void response(Part response) {
    if (response.inOrder() && order.unknown()) {
      pool.give(response);
      return;
    }
    if (response.inOrder() && response.orphaned()) {
      drop(response);
      return;
    }
    Part request = inFlight.take(response);
    if (request != null) {
      pair(request, response);
      return;
    }
    if (early.size() >= MOST_EARLY) {
      drop(early.pollFirst());
    }
    early.addLast(response);
  }

  private void pair(Part request, Part response) {
    if (request.inOrder() && inFlight.turnBefore(response.startTime())) {
      overlap();
      if (order.unknown()) {
        end(request, Ending.AMBIGUOUS);
        pool.give(response);
        return;
      }
    }
    skip(response.message().skippedRequests());
    if (request.inOrder() && order.onTrial()) {
      order.hold(request, response);
    } else {
      answer(request, response);
    }
  }

  private void answer(Part request, Part response) {
    if (!request.reported() && !response.message().unreported()) {
      exchanges++;
      listener.exchange(completed.wrap(request, response, Ending.ANSWERED, stream));
    }
    pool.give(request);
    pool.give(response);
  }

  /**
   * A response that came before {@code time} goes to a request whose last byte still has not come:
   * it is not waited for any longer.
   *
   * @param request stays the caller's; null when there is none
   */
  public void answerUnfinished(Part request, long time) {
    if (request == null || !inFlight.isEmpty() || early.isEmpty() || oldestEarly() >= time) {
      return;
    }
    Part response = takeEarly(request);
    if (response != null) {
      exchanges++;
      listener.exchange(completed.wrap(request, response, Ending.ANSWERED, stream));
      request.markReported();
      pool.give(response);
    }
  }

  /** The server passed over the next {@code count} requests in order. */
  private void skip(int count) {
    for (int left = count; left > 0; left--) {
      Part request = inFlight.takeInOrder();
      if (request == null) {
        return;
      }
      pool.give(request);
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

  private Part takeEarly(Part request) {
    long correlation = request.message().correlation();
    for (Iterator<Part> i = early.iterator(); i.hasNext(); ) {
      Part response = i.next();
      if (response.message().correlation() == correlation) {
        boolean itsAnswer = response.startTime() >= request.startTime();
        if (itsAnswer || request.inOrder()) {
          i.remove();
        }
        if (itsAnswer) {
          return response;
        }
        if (request.inOrder()) {
          drop(response); // requests come in order: no later one is older than this
          unmatched();
        }
      }
    }
    return null;
  }

  private void dropEarly(long before, boolean inOrderOnly) {
    for (int n = early.size(); n > 0; n--) {
      Part response = early.pollFirst();
      boolean drop = response.startTime() < before && (!inOrderOnly || response.inOrder());
      if (drop) {
        drop(response);
      } else {
        early.addLast(response);
      }
    }
  }

  /** The client begins a turn, and the server is not in the middle of an answer. */
  public void turn() {
    if (order.holds() && !anyInOrder()) {
      if (order.turnWhole()) {
        order.known();
      }
      release();
    }
    order.turn();
  }

  /** Requests of this turn may have gone by unseen: its rest was not captured. */
  public void turnCut() {
    order.lost();
    if (order.unknown()) {
      endHeld(Ending.AMBIGUOUS);
      endInOrder(Ending.AMBIGUOUS);
    }
  }

  /** An answer in order came for which there is no request. */
  public void unmatched() {
    if (order.onTrial() && order.turnWhole() && (order.holds() || anyInOrder())) {
      overlap(); // the turn had more answers than requests: some belong to requests before it
    }
  }

  /** The client does not wait for its answers: what is on trial has failed. */
  private void overlap() {
    order.overlaps();
    if (order.unknown()) {
      endHeld(Ending.AMBIGUOUS);
      endInOrder(Ending.AMBIGUOUS);
    }
  }

  /** Nothing is outstanding: the trial is over, or so long nothing was said. */
  public void settle() {
    order.known();
    release();
  }

  private void release() {
    while (order.holds()) {
      answer(order.takeHeld(), order.takeHeld());
    }
  }

  private void endHeld(Ending ending) {
    while (order.holds()) {
      end(order.takeHeld(), ending);
      pool.give(order.takeHeld());
    }
  }

  /** Can answers in order not be told apart any more? */
  public boolean ambiguous() {
    return order.unknown();
  }

  /** Ambiguous, but of a client that always waited for its answers before. */
  public boolean mayBeTriedAgain() {
    return order.mayBeTriedAgain();
  }

  /** Is it known which answer in order belongs to which request? */
  public boolean certain() {
    return !order.onTrial() && !order.unknown();
  }

  /** Bytes went by before the first that were seen. */
  public void joined() {
    order.lost();
  }

  /**
   * Bytes were lost: ends every request in flight that relies on order.
   *
   * @param ofClient they were the client's
   */
  public void lost(Ending ending, boolean ofClient) {
    if (ofClient && !anyInOrder()) {
      release(); // what is held was complete before
    }
    endHeld(ending);
    endInOrder(ending);
    order.lost();
  }

  private void endInOrder(Ending ending) {
    dropEarly(Long.MAX_VALUE, true);
    for (int n = inFlight.size(); n > 0; n--) {
      Part request = inFlight.removeOldest();
      if (request.inOrder()) {
        end(request, ending);
      } else {
        inFlight.add(request);
      }
    }
  }

  /** Everything ends, and with it what was known of the client. */
  public void endAll(Ending ending) {
    if (ending == Ending.CONNECTION_CLOSED || ending == Ending.RESET) {
      settle();
    }
    endHeld(ending);
    dropEarly(Long.MAX_VALUE, false);
    while (!inFlight.isEmpty()) {
      end(inFlight.removeOldest(), ending);
    }
    order.reset();
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
      Part request = inFlight.removeOldest();
      if (request.endTime() >= time || request.reported()) {
        inFlight.add(request);
        continue;
      }
      count++;
      unpaired++;
      if (request.inOrder()) {
        report(request, Ending.TIMEOUT);
        request.markReported();
        inFlight.add(request);
      } else {
        end(request, Ending.TIMEOUT);
      }
    }
    return count;
  }

  /** Does any request wait whose response comes in order? */
  public boolean anyInOrder() {
    return inFlight.anyInOrder();
  }

  /** Do several requests wait whose responses come in order? */
  public boolean pipelined() {
    return inFlight.severalInOrder();
  }

  /** Requests and responses that wait for each other, or for certainty. */
  public int waiting() {
    return inFlight.size() + early.size() + order.held();
  }

  /**
   * Last byte of the newest answer on trial, when all of its turn's requests are answered;
   * Long.MAX_VALUE when there is none.
   */
  public long onTrialSince() {
    return anyInOrder() ? Long.MAX_VALUE : order.heldSince();
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
    return inFlight.oldest();
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
    inFlight.save(out);
    Part.saveAll(early, out);
    order.save(out);
  }

  /** Into a fresh instance. */
  public void load(DataInput in) throws IOException {
    exchanges = in.readLong();
    unpaired = in.readLong();
    inFlight.load(in, pool);
    Part.loadAll(early, in, pool);
    order.load(in, pool);
  }
}
