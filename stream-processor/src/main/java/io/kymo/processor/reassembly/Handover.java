package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Pairing;
import io.kymo.processor.pairing.Part;
import io.kymo.protocol.Message;

/**
 * Hands complete messages to the pairing, and tells when parsing must stop: the protocol was
 * misjudged, or is spoken no longer.
 */
final class Handover {
  private final Reassembly shared;
  private final Pairing pairing;
  private final Breaker breaker;
  private String stop;

  Handover(Reassembly shared, Pairing pairing, Breaker breaker) {
    this.shared = shared;
    this.pairing = pairing;
    this.breaker = breaker;
  }

  Pairing pairing() {
    return pairing;
  }

  Counters counters() {
    return shared.counters();
  }

  /** A message begins with the first byte of the lane's window. */
  void begin(Lane lane, Speech speech) {
    Window window = lane.window;
    Message message = lane.part.message();
    lane.part.start(speech.side(lane), window.position(), window.time(), 0);
    if (window.burst()
        && message.kind() == Message.Kind.REQUEST
        && message.correlation() == Message.IN_ORDER) {
      lane.part.markTurn();
      turn(lane, speech.server());
    }
  }

  /** With the first byte of its window the client may begin a turn. */
  void turn(Lane client, Lane server) {
    Window window = client.window;
    boolean answering =
        server.part.message().begun()
            || !server.window.isEmpty() && server.window.time() < window.time();
    if (window.burst() && !answering) {
      pairing.turn();
    }
  }

  /** The message that was decoded on this lane is complete; the lane begins the next. */
  void complete(Lane lane) {
    Part part = lane.part;
    lane.part = shared.parts.take();
    shared.counters().messages++;
    breaker.message();
    if (part.answered()) { // while it was still being sent
      shared.parts.give(part);
      return;
    }
    switch (part.message().kind()) {
      case REQUEST -> pairing.request(part);
      case ONE_WAY -> pairing.oneWay(part);
      case RESPONSE -> pairing.response(part);
    }
    shared.counters().unpaired += breaker.unpaired(pairing.unpaired());
    if (breaker.tooManyUnpaired()) {
      stop = "unpaired";
    }
  }

  /** Bytes broke the rules of their protocol. */
  void malformed() {
    shared.counters().malformed++;
    breaker.malformed();
    if (breaker.tooManyMalformed()) {
      stop = "malformed";
    }
  }

  /**
   * @param reason id of the protocol that follows; empty when it is not known; else why parsing
   *     stops for good
   */
  void stop(String reason) {
    stop = reason;
  }

  boolean stopped() {
    return stop != null;
  }

  /** The reason, once; null to go on. */
  String takeStop() {
    String taken = stop;
    stop = null;
    return taken;
  }

  /** The observations of another protocol do not count for the next. */
  void beginAnew() {
    breaker.reset();
  }
}
