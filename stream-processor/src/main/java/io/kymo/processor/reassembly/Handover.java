package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Pairing;
import io.kymo.processor.pairing.Part;

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

  /** The message that was decoded on this lane is complete; the lane begins the next. */
  void complete(Lane lane) {
    Part part = lane.part;
    lane.part = shared.parts.take();
    shared.counters().messages++;
    breaker.message();
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
