package io.kymo.processor.reassembly;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;

/**
 * Drives one parser over the two lanes of a stream. A lane that can not go on is left until new
 * bytes come to it or the other one has moved. Every step but the last consumes at least one byte,
 * or ends something that can end only once.
 */
final class Decoder {
  private final Reassembly shared;
  private final Speech speech;
  private final Handover handover;
  private final Recovery recovery;
  private final Turns turns;
  private final Lane client;
  private final Lane server;

  /** Of what is spoken now. */
  Decoder(Reassembly shared, Speech speech, Handover handover) {
    this.shared = shared;
    this.speech = speech;
    this.handover = handover;
    this.client = speech.client();
    this.server = speech.server();
    this.recovery = new Recovery(shared, speech, handover);
    this.turns = new Turns(client, server);
  }

  /**
   * Decodes what can be decoded.
   *
   * @return null to go on, else the reason to stop; empty when the connection now speaks something
   *     else, to be recognised
   */
  String run() {
    turns.unblock();
    for (int steps = shared.limits.steps(); steps > 0 && !handover.stopped(); steps--) {
      Lane lane = turns.next();
      if (lane == null) {
        break;
      }
      if (lane == client && requestCameTooLate()) {
        giveUpAwaiting(client.window.time());
      } else if (step(lane)) {
        turns.unblock();
      } else {
        lane.blocked = true;
      }
    }
    return handover.takeStop();
  }

  /** One step on one lane; false when it cannot go on. */
  private boolean step(Lane lane) {
    Window window = lane.window;
    if (window.isEmpty()) {
      if (lane.cutOpen) {
        recovery.endCut(lane); // the direction ended, or the other side went on
      } else {
        atEnd(lane);
      }
    } else if (lane.restOutcome != null) {
      passOver(lane);
    } else if (lane.beginningLost) {
      recovery.beginningLost(lane);
    } else if (lane.skipping) {
      recovery.skip(lane);
    } else if (window.front() == 0) {
      if (window.hole() > 0) {
        recovery.cut(lane, wrap(lane));
      } else {
        recovery.lose(lane);
      }
    } else {
      return tryUnit(lane);
    }
    return true;
  }

  private boolean tryUnit(Lane lane) {
    if (lane.resyncing) {
      long from = lane.window.position();
      boolean found = recovery.resync(lane);
      if (lane.window.position() != from) {
        return true; // what is at the front now may be later than what the other side has
      }
      if (!found) {
        return false;
      }
    }
    if (lane == client) {
      recovery.afterSilence();
    }
    return decode(lane);
  }

  private Input wrap(Lane lane) {
    Window window = lane.window;
    boolean ended = window.unbroken() && lane.over();
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
    Outcome outcome = speech.decode(in, lane);
    switch (outcome) {
      case MESSAGE, SKIPPED, SWITCHED:
        if (in.consumed() < 1 || outcome == Outcome.MESSAGE && !message.begun()) {
          shared.counters().parserFaults++;
          recovery.malformed(lane);
          return true;
        }
        take(lane, in, outcome);
        return true;
      case INCOMPLETE:
        if (!begun) {
          message.clear();
        }
        if (another && !in.awaitsRequest()) {
          recovery.drop(lane, toBurst); // the next burst is at the front now, looked at as warily
          return true;
        }
        return incomplete(lane, in);
      case MALFORMED:
        recovery.malformed(lane);
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
      handover.begin(lane, speech);
    }
    passOver(lane);
  }

  private void passOver(Lane lane) {
    lane.consume(Math.min(lane.rest, lane.window.size()));
    if (lane.rest > 0) {
      return;
    }
    Outcome outcome = lane.restOutcome;
    lane.restOutcome = null;
    switch (outcome) {
      case MESSAGE:
        handover.complete(lane);
        break;
      case SWITCHED:
        if (lane.part.message().begun()) {
          handover.complete(lane);
        }
        if (lane == client) {
          endAnswer();
        }
        handover.pairing().settle(); // what was answered before is not in doubt
        handover.stop(lane.switchedTo == null ? "" : lane.switchedTo);
        break;
      case SKIPPED, INCOMPLETE, MALFORMED:
        break;
    }
  }

  /** The client says that something else follows: what the server is in the middle of ends. */
  private void endAnswer() {
    if (server.part.started() && server.restOutcome == null && speech.completeAtEnd(server)) {
      handover.complete(server);
    }
  }

  private boolean incomplete(Lane lane, Input in) {
    lane.awaiting = in.awaitsRequest() && lane == server;
    if (lane.window.overfull()) {
      if (lane.awaiting) {
        giveUpAwaiting(Long.MAX_VALUE);
      } else {
        recovery.cut(lane, in);
      }
      return true;
    }
    if (lane.awaiting) {
      return false;
    }
    if (in.hole() > 0) {
      recovery.cut(lane, in);
      return true;
    }
    if (!lane.window.unbroken()) {
      recovery.lose(lane);
      return true;
    }
    if (lane.over()) {
      lane.consume(lane.window.front());
      return true;
    }
    return false;
  }

  private void atEnd(Lane lane) {
    lane.endHandled = true;
    boolean whole = lane.part.started() && usableAtEnd(lane);
    lane.restOutcome = null;
    lane.rest = 0;
    if (whole) {
      if (lane.part.message().endedWithin()) {
        lane.part.lastUntil(lane.endTime);
      }
      handover.complete(lane);
    } else {
      lane.forgetMessage();
    }
  }

  /** Is nothing of the server's there that is not decoded? */
  boolean answered() {
    return server.window.isEmpty() && !server.arrival.waits() && !server.part.message().begun();
  }

  /**
   * A request that the client did not send to its end may have been answered all the same. A
   * response that breaks off is one, but not ok; so is one that was reset, however little is there.
   */
  private boolean usableAtEnd(Lane lane) {
    Message message = lane.part.message();
    boolean cutInRest = lane.restOutcome == Outcome.MESSAGE;
    boolean usable = cutInRest || speech.completeAtEnd(lane);
    if (lane == server && lane.aborted) {
      message.reset(usable);
      return message.kind() == Message.Kind.RESPONSE;
    }
    if (lane == server && cutInRest) {
      message.brokenOff();
    }
    return usable;
  }

  /** When that came which waits for its request; Long.MAX_VALUE when nothing does. */
  long awaitingSince() {
    return server.awaiting && !server.window.isEmpty() ? server.window.time() : Long.MAX_VALUE;
  }

  /**
   * A response waits for its request, but the next request was sent after the response: it is not
   * the one.
   */
  private boolean requestCameTooLate() {
    return awaitingSince() != Long.MAX_VALUE
        && !client.window.isEmpty()
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
    boolean lostBefore = !client.window.isEmpty() && client.window.front() == 0;
    if (!lostBefore && !client.arrival.waits()) {
      handover.pairing().unmatched();
    }
    while (!server.window.isEmpty() && server.window.time() < time) {
      server.consume(server.window.run());
    }
  }

  /** A cut message is handed on though its burst might go on: nothing came for long. */
  void endQuietCut(Lane lane) {
    if (lane.cutOpen && lane.window.isEmpty()) {
      recovery.endCut(lane);
    }
  }
}
