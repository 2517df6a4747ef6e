package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Ending;
import io.kymo.processor.pairing.Pairing;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;

/**
 * Drives one parser over the two lanes of a stream. Each step takes the lane whose first byte was
 * seen earlier: times follow cause and effect, so a response is not decoded before its request, nor
 * a request before the response that it reacts to. A lane that can not go on is left until new
 * bytes come to it or the other one has moved. Every step but the last consumes at least one byte,
 * or ends something that can end only once.
 */
final class Decoder {
  private final Reassembly shared;
  private final Pairing pairing;
  private final Breaker breaker;
  private final Lane client;
  private final Lane server;
  private final Parser parser;
  private final Session session;

  /**
   * Set when parsing must stop: the reason; empty: the protocol changes to one that is not known.
   */
  private String stop;

  Decoder(
      Reassembly shared,
      Pairing pairing,
      Breaker breaker,
      Lane client,
      Lane server,
      Parser parser,
      Session session) {
    this.shared = shared;
    this.pairing = pairing;
    this.breaker = breaker;
    this.client = client;
    this.server = server;
    this.parser = parser;
    this.session = session;
  }

  Session session() {
    return session;
  }

  Side side(Lane lane) {
    return lane == client ? Side.CLIENT : Side.SERVER;
  }

  /**
   * Decodes what can be decoded.
   *
   * @return null to go on, else the reason to stop; empty when the connection now speaks something
   *     else, to be recognised
   */
  String run() {
    client.blocked = false;
    server.blocked = false;
    for (int steps = shared.limits.steps(); steps > 0 && stop == null; steps--) {
      Lane lane = next();
      if (lane == null) {
        break;
      }
      if (lane == client && requestCameTooLate()) {
        giveUpAwaiting(client.window.time());
      } else if (step(lane)) {
        client.blocked = false;
        server.blocked = false;
      } else {
        lane.blocked = true;
      }
    }
    return stop;
  }

  private Lane next() {
    boolean c = !client.blocked && hasWork(client, server) && !overtakes(client, server);
    boolean s = !server.blocked && hasWork(server, client) && !overtakes(server, client);
    if (c && s) {
      return time(server) < time(client) ? server : client;
    }
    return c ? client : s ? server : null;
  }

  private static boolean hasWork(Lane lane, Lane other) {
    return !lane.window.isEmpty()
        || lane.cutOpen && (lane.complete() || turned(lane, other))
        || lane.complete() && !lane.endHandled;
  }

  /** Bytes of the other side are missing that may have been seen earlier, and may still come. */
  private static boolean overtakes(Lane lane, Lane other) {
    return other.window.waits()
        && other.window.inOrderTime() < time(lane)
        && !lane.window.overfull();
  }

  /** Did the other side go on, and nothing of this one is missing? */
  private static boolean turned(Lane lane, Lane other) {
    return other.window.lastTime() > lane.window.consumedTime() && !lane.window.waits();
  }

  /**
   * When that was seen what the next step is about: what is at the front, or what ends where it
   * stands.
   */
  private static long time(Lane lane) {
    Window window = lane.window;
    boolean ends = window.isEmpty() || lane.cutOpen && window.burst();
    return ends ? window.consumedTime() : window.time();
  }

  /** One step on one lane; false when it cannot go on. */
  private boolean step(Lane lane) {
    Window window = lane.window;
    if (lane.restOutcome != null && !window.isEmpty()) {
      passOver(lane);
      return true;
    }
    if (window.isEmpty()) {
      if (lane.cutOpen) {
        endCut(lane); // the direction ended, or the other side went on
      } else {
        atEnd(lane);
      }
      return true;
    }
    if (lane.beginningLost) {
      lane.beginningLost = false;
      lane.resyncing = true;
      lane.dropped = 0;
      forget(lane, Ending.CAPTURE_GAP);
      return true;
    }
    if (lane.skipping) {
      skip(lane);
      return true;
    }
    if (window.front() == 0) {
      if (window.hole() > 0) {
        cut(lane, wrap(lane));
      } else {
        lose(lane);
      }
      return true;
    }
    if (lane.resyncing) {
      long from = window.position();
      boolean found = resync(lane);
      if (window.position() != from) {
        return true; // what is at the front now may be later than what the other side has
      }
      if (!found) {
        return false;
      }
    }
    return decode(lane);
  }

  private Input wrap(Lane lane) {
    Window window = lane.window;
    boolean ended = window.unbroken() && lane.complete();
    return shared.input.wrap(window.bytes(), window.start(), window.front(), window.hole(), ended);
  }

  private boolean decode(Lane lane) {
    // A burst after damage begins a unit, or goes on with one: in the latter case it must not
    // swallow the next burst.
    int toBurst = lane.wary ? lane.window.frontToBurst() : 0;
    boolean another = lane.wary && toBurst < lane.window.front();
    Input in =
        another
            ? shared.input.wrap(lane.window.bytes(), lane.window.start(), toBurst, 0, false)
            : wrap(lane);
    Message message = lane.part.message();
    boolean begun = message.begun();
    lane.awaiting = false;
    Outcome outcome = parser.decode(in, side(lane), session, message);
    switch (outcome) {
      case MESSAGE, SKIPPED, SWITCHED:
        if (in.consumed() < 1 || outcome == Outcome.MESSAGE && !message.begun()) {
          shared.counters().parserFaults++;
          malformed(lane);
          return true;
        }
        take(lane, in, outcome);
        return true;
      case INCOMPLETE:
        if (!begun) {
          message.clear();
        }
        if (another && !in.awaitsRequest()) {
          drop(lane, toBurst); // the next burst is at the front now, and looked at as warily
          return true;
        }
        return incomplete(lane, in);
      case MALFORMED:
        malformed(lane);
        return true;
    }
    throw new AssertionError(outcome);
  }

  private void take(Lane lane, Input in, Outcome outcome) {
    lane.resyncing = false;
    lane.wary = false;
    lane.rest = in.consumed();
    lane.restOutcome = outcome;
    lane.switchedTo = outcome == Outcome.SWITCHED ? in.switchedTo() : null;
    if (lane.part.message().begun() && !lane.part.started()) {
      lane.part.start(side(lane), lane.window.position(), lane.window.time(), 0);
    }
    passOver(lane);
  }

  private void passOver(Lane lane) {
    consume(lane, Math.min(lane.rest, lane.window.size()));
    if (lane.rest > 0) {
      return;
    }
    Outcome outcome = lane.restOutcome;
    lane.restOutcome = null;
    switch (outcome) {
      case MESSAGE:
        complete(lane);
        break;
      case SWITCHED:
        if (lane.part.message().begun()) {
          complete(lane);
        }
        stop = lane.switchedTo == null ? "" : lane.switchedTo;
        break;
      case SKIPPED, INCOMPLETE, MALFORMED:
        break;
    }
  }

  private void consume(Lane lane, long count) {
    boolean ofMessage = lane.part.started();
    lane.window.consume(count, ofMessage);
    if (ofMessage) {
      lane.part.extend(count, lane.window.consumedTime());
    }
    lane.rest -= Math.min(lane.rest, count);
  }

  private void complete(Lane lane) {
    shared.counters().messages++;
    breaker.message();
    Message.Kind kind = lane.part.message().kind();
    var part = lane.part;
    lane.part = shared.parts.take();
    switch (kind) {
      case REQUEST -> pairing.request(part);
      case ONE_WAY -> pairing.oneWay(part);
      case RESPONSE -> pairing.response(part);
    }
    shared.counters().unpaired += breaker.unpaired(pairing.unpaired());
    if (breaker.tooManyUnpaired()) {
      stop = "unpaired";
    }
  }

  private boolean incomplete(Lane lane, Input in) {
    lane.awaiting = in.awaitsRequest() && lane == server;
    if (lane.window.overfull()) {
      if (lane.awaiting) {
        giveUpAwaiting(Long.MAX_VALUE);
      } else {
        cut(lane, in);
      }
      return true;
    }
    if (lane.awaiting) {
      return false;
    }
    if (in.hole() > 0) {
      cut(lane, in);
      return true;
    }
    if (!lane.window.unbroken()) {
      lose(lane);
      return true;
    }
    if (lane.complete()) {
      consume(lane, lane.window.front());
      return true;
    }
    return false;
  }

  /**
   * The rest of this unit was not captured: what is there makes a message, or none, and the rest of
   * the burst belongs to it.
   */
  private void cut(Lane lane, Input in) {
    Message message = lane.part.message();
    boolean usable = parser.truncated(in, side(lane), session, message) && message.begun();
    if (usable) {
      shared.counters().truncatedMessages++;
      message.markTruncated();
      if (!lane.part.started()) {
        lane.part.start(side(lane), lane.window.position(), lane.window.time(), 0);
      }
    } else {
      lane.forgetMessage();
    }
    lane.resyncing = false;
    lane.wary = false;
    lane.skipping = true;
    lane.cutOpen = true;
    consume(lane, in.length() + in.hole());
  }

  private void skip(Lane lane) {
    Window window = lane.window;
    if (window.burst()) {
      if (lane.cutOpen) {
        endCut(lane);
      }
      lane.skipping = false;
      lane.wary = true;
    } else if (window.front() == 0 && window.gap() > 0) {
      if (lane.cutOpen) {
        endCut(lane);
      }
      lane.skipping = false;
      lose(lane); // the next burst may have begun in it
    } else {
      consume(lane, window.run());
    }
  }

  /** No more bytes come for the unit that was cut. */
  private void endCut(Lane lane) {
    lane.cutOpen = false;
    if (lane.part.message().begun()) {
      complete(lane);
    }
    lane.forgetMessage();
    if (lane == server && (pairing.anyInOrder() || client.part.message().begun())) {
      // pipelined requests whose responses may have been in the uncaptured part
      forget(server, Ending.CAPTURE_TRUNCATED);
    }
  }

  /** A cut message is handed on though its burst might go on: nothing came for long. */
  void endQuietCut(Lane lane) {
    if (lane.cutOpen && lane.window.isEmpty()) {
      endCut(lane);
    }
  }

  /**
   * The parser forgets, and so does the driver, whatever is in flight or being decoded in either
   * direction.
   */
  private void forget(Lane lane, Ending ending) {
    parser.lost(side(lane), session);
    pairing.endInOrder(ending);
    client.part.orphan();
    server.part.orphan();
  }

  /** A gap is at the front, or behind a unit that it cuts. */
  private void lose(Lane lane) {
    lane.forgetMessage();
    consume(lane, lane.window.front());
    consume(lane, lane.window.gap());
    lane.resyncing = true;
    lane.dropped = 0;
    forget(lane, Ending.CAPTURE_GAP);
  }

  private void malformed(Lane lane) {
    lane.forgetMessage();
    // while a place to begin is searched, each segment counts once, however often the search fails
    // in it
    if (!lane.resyncing || lane.malformedTime != lane.window.time()) {
      lane.malformedTime = lane.window.time();
      shared.counters().malformed++;
      breaker.malformed();
      if (breaker.tooManyMalformed()) {
        stop = "malformed";
      }
    }
    if (!lane.resyncing || pairing.anyInOrder()) {
      lane.dropped = 0;
      forget(lane, Ending.MALFORMED);
    }
    lane.resyncing = true;
    lane.wary = false;
    consume(lane, 1);
  }

  /**
   * Goes to where a unit could begin. That is where a burst begins, or where the parser says; the
   * latter not for requests, because how many were lost in this burst is not known, and those
   * behind them would get the wrong responses. Only when no burst comes for long the parser is
   * asked there, too.
   *
   * @return false when there is no such place in what is there
   */
  private boolean resync(Lane lane) {
    Window window = lane.window;
    if (window.burst()) {
      lane.resyncing = false;
      lane.wary = true;
      return true;
    }
    int toBurst = window.frontToBurst();
    int at = -1;
    if (lane == server || lane.dropped > shared.limits.windowBytes()) {
      Input in = shared.input.wrap(window.bytes(), window.start(), toBurst, 0, false);
      at = parser.resync(in, 0, side(lane), session);
    }
    boolean found = at >= 0 && at < toBurst;
    int drop = found ? at : toBurst;
    drop(lane, drop);
    lane.wary = found;
    return found || window.front() > 0 && resync(lane);
  }

  /** Passes over bytes that no unit begins in. Responses may have been among them. */
  private void drop(Lane lane, int count) {
    if (count > 0 && lane == server && pairing.anyInOrder()) {
      forget(lane, Ending.CAPTURE_GAP);
    }
    lane.dropped += count;
    consume(lane, count);
  }

  private void atEnd(Lane lane) {
    lane.endHandled = true;
    boolean whole =
        lane.restOutcome == null
            && lane.part.started()
            && parser.completeAtEnd(side(lane), session, lane.part.message());
    lane.restOutcome = null;
    lane.rest = 0;
    if (whole) {
      complete(lane);
    } else {
      lane.forgetMessage();
    }
  }

  /**
   * A response waits for its request, but the next request was sent after the response: it is not
   * the one.
   */
  private boolean requestCameTooLate() {
    return server.awaiting
        && !client.window.isEmpty()
        && !server.window.isEmpty()
        && client.restOutcome == null
        && !client.skipping
        && !client.part.message().begun()
        && client.window.time() > server.window.time();
  }

  /** Skips what waits for a request and was seen before {@code time}. */
  void giveUpAwaiting(long time) {
    if (!server.awaiting) {
      return;
    }
    server.awaiting = false;
    server.blocked = false;
    server.forgetMessage();
    shared.counters().awaitedInVain++;
    while (!server.window.isEmpty() && server.window.time() < time) {
      consume(server, server.window.run());
    }
  }
}
