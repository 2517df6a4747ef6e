package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Ending;
import io.kymo.processor.pairing.Pairing;
import io.kymo.protocol.Input;

/**
 * Goes on where bytes were not captured, were lost, or made no sense: nothing is glued together
 * across them, and nothing that they may have touched is paired.
 */
final class Recovery {
  private final Reassembly shared;
  private final Speech speech;
  private final Handover handover;
  private final Pairing pairing;
  private final Lane client;
  private final Lane server;

  Recovery(Reassembly shared, Speech speech, Handover handover) {
    this.shared = shared;
    this.speech = speech;
    this.handover = handover;
    this.pairing = handover.pairing();
    this.client = speech.client();
    this.server = speech.server();
  }

  /** The direction begins within a burst whose first bytes nobody saw. */
  void beginningLost(Lane lane) {
    lane.beginningLost = false;
    search(lane, Ending.CAPTURE_GAP);
  }

  /**
   * The rest of this unit was not captured: what is there makes a message, or none, and the rest of
   * the burst belongs to it.
   */
  void cut(Lane lane, Input in) {
    if (speech.truncated(in, lane)) {
      shared.counters().truncatedMessages++;
      lane.part.message().markTruncated();
      if (!lane.part.started()) {
        handover.begin(lane, speech);
      }
    } else {
      lane.forgetMessage();
      if (lane == client) {
        handover.turn(client, server);
      }
    }
    if (lane == client) {
      pairing.turnCut();
    }
    lane.resyncing = false;
    lane.wary = false;
    lane.skipping = true;
    lane.cutOpen = true;
    passOver(lane, in.length() + (in.hole() > 0 ? lane.window.holeRun() : 0));
  }

  /** Bytes behind a cut. They belong to its message, if there is one. */
  private void passOver(Lane lane, long count) {
    if (!lane.part.started()) {
      speech.passedOver(lane, count);
    }
    lane.consume(count);
  }

  /** Passes over the rest of the burst in which a unit was cut. */
  void skip(Lane lane) {
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
      boolean ofLaterCall = window.time() != window.consumedTime();
      if (lane == server && ofLaterCall && lane.part.message().begun() && pairing.pipelined()) {
        handover.complete(lane); // what comes may as well be its neighbours'
      }
      passOver(lane, window.run());
    }
  }

  /**
   * Where answers could not be told apart any more, they can again when the client begins anew
   * after a silence as long as any answer may take; it may be tried when it begins anew at all, if
   * it always waited for its answers before.
   */
  void afterSilence() {
    if (!pairing.ambiguous() || !client.window.burst() || !server.window.isEmpty()) {
      return;
    }
    long last = Math.max(client.window.consumedTime(), server.arrival.lastTime());
    boolean silence = client.window.time() - last >= shared.limits.pairingNs();
    if (silence || pairing.mayBeTriedAgain()) {
      speech.lost(client);
      speech.lost(server);
      if (silence) {
        pairing.settle();
      } else {
        pairing.joined();
      }
    }
  }

  /** No more bytes come for the unit that was cut. */
  void endCut(Lane lane) {
    lane.cutOpen = false;
    if (lane.part.message().begun()) {
      handover.complete(lane);
    }
    lane.forgetMessage();
    if (lane == server && (pairing.anyInOrder() || client.part.message().begun())) {
      // pipelined requests whose responses may have been in the uncaptured part
      forget(server, Ending.CAPTURE_TRUNCATED);
    }
  }

  /** A gap is at the front, or behind a unit that it cuts. */
  void lose(Lane lane) {
    lane.forgetMessage();
    lane.consume(lane.window.front());
    lane.consume(lane.window.gapRun());
    search(lane, Ending.CAPTURE_GAP);
  }

  /**
   * What is at the front broke the rules of the protocol; or, where bytes were lost before it, is
   * not the beginning of a unit.
   */
  void malformed(Lane lane) {
    lane.forgetMessage();
    boolean guessed = lane.guesses > 0 && !pairing.certain();
    // while a place to begin is searched, each segment counts once, however often the search fails
    // in it
    boolean counted = lane.resyncing && lane.malformedTime == lane.window.time();
    lane.malformedTime = lane.window.time();
    if (guessed && !counted) {
      lane.guesses--;
    } else if (!counted) {
      handover.malformed();
    }
    if (!lane.resyncing || pairing.anyInOrder()) {
      search(lane, guessed ? Ending.CAPTURE_GAP : Ending.MALFORMED);
    }
    lane.wary = false;
    lane.consume(1);
  }

  private void search(Lane lane, Ending ending) {
    lane.resyncing = true;
    lane.dropped = 0;
    forget(lane, ending);
  }

  /**
   * The parser forgets, and so does the driver, whatever is in flight or being decoded in either
   * direction.
   */
  private void forget(Lane lane, Ending ending) {
    if (ending != Ending.MALFORMED && pairing.certain()) {
      client.guesses = shared.limits.recogniseTries();
      server.guesses = shared.limits.recogniseTries();
    }
    speech.lost(lane);
    pairing.lost(ending, lane == client);
    client.part.orphan();
    server.part.orphan();
  }

  /**
   * Goes to where a unit could begin. That is where a burst begins, or where the parser says; the
   * latter not for requests, because how many were lost in this burst is not known, and those
   * behind them would get the wrong responses. Only when no burst comes for long the parser is
   * asked there, too.
   *
   * @return false when there is no such place in what is there
   */
  boolean resync(Lane lane) {
    Window window = lane.window;
    if (window.burst()) {
      lane.resyncing = false;
      lane.wary = true;
      return true;
    }
    int toBurst = window.frontToBurst();
    int at = -1;
    if (lane == server || lane.dropped > shared.limits.windowBytes()) {
      at =
          speech.resync(shared.input.wrap(window.bytes(), window.start(), toBurst, 0, false), lane);
    }
    boolean found = at >= 0 && at < toBurst;
    drop(lane, found ? at : toBurst);
    lane.wary = found;
    return found || window.front() > 0 && resync(lane);
  }

  /** Passes over bytes that no unit begins in. Responses may have been among them. */
  void drop(Lane lane, int count) {
    if (count > 0 && lane == server && pairing.anyInOrder()) {
      forget(lane, Ending.CAPTURE_GAP);
    }
    lane.dropped += count;
    lane.consume(count);
  }
}
