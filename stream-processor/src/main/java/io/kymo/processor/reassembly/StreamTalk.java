package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Ending;
import io.kymo.processor.pairing.Pairing;
import java.io.DataInput;
import java.io.DataOutput;

/** A conversation over two streams: brings bytes in order, recognises, decodes. */
final class StreamTalk implements Talk {
  private final Reassembly shared;
  private final ConversationListener listener;
  private final Lanes lanes;
  private final Speech speech;
  private final Handover handover;
  private final Pairing pairing;
  private Decoder decoder;
  private boolean stopped;

  StreamTalk(
      Reassembly shared,
      ConversationListener listener,
      Lanes lanes,
      Speech speech,
      Handover handover) {
    this.shared = shared;
    this.listener = listener;
    this.lanes = lanes;
    this.speech = speech;
    this.handover = handover;
    this.pairing = handover.pairing();
  }

  @Override
  public String segment(
      Lane lane,
      long timeNs,
      long position,
      int length,
      byte[] payload,
      int offset,
      int captured,
      boolean burst) {
    if (!lane.arrival.begun() && !burst) { // the beginning of this burst went by unseen
      lane.beginningLost = true;
      lane.skipping = decoder == null;
    }
    lane.arrival.insert(timeNs, position, length, payload, offset, captured, burst);
    lane.endHandled = false; // a reset does not keep what came before it from being read
    declareGaps(lane, Long.MIN_VALUE);
    return decode();
  }

  @Override
  public void count(Lane lane, long timeNs, long position, int length) {
    lane.arrival.insert(timeNs, position, length, BufferPool.NONE, 0, 0, false);
    declareGaps(lane, Long.MIN_VALUE);
  }

  @Override
  public String passed(Lane lane, long timeNs, long position) {
    lane.arrival.passed(timeNs, position);
    declareGaps(lane, Long.MIN_VALUE);
    return stopped ? null : decode();
  }

  @Override
  public String decode() {
    while (true) {
      if (decoder == null) {
        switch (speech.recogniser().stream(speech.role())) {
          case FOUND -> {
            speech.adopt();
            if (!speech.recogniser().fromStart()) {
              pairing.joined();
              lanes.both().forEach(lane -> lane.guesses = shared.limits.recogniseTries());
            }
          }
          case WAIT -> {
            return null;
          }
          case HOPELESS -> {
            return "unrecognised";
          }
        }
        decoder = new Decoder(shared, speech, handover);
      }
      String stop;
      try {
        stop = decoder.run();
      } catch (RuntimeException e) { // a parser's bug must not stop all other connections
        shared.counters().parserFaults++;
        return "parser_fault";
      }
      if (stop == null || !stop.isEmpty() && !speech.mayBecome(stop)) {
        return stop;
      }
      changeTo(stop);
    }
  }

  /**
   * @param id of the protocol that is spoken now; empty when it is not known
   */
  private void changeTo(String id) {
    pairing.endAll(Ending.OPAQUE);
    lanes.reset();
    handover.beginAnew();
    String before = speech.protocol();
    speech.recogniser().begins(true);
    speech.forget();
    decoder = null;
    if (!id.isEmpty()) {
      speech.become(id, before);
      decoder = new Decoder(shared, speech, handover);
    }
  }

  /** Decodes until nothing moves any more. */
  private String drain() {
    while (true) {
      long before = lanes.waiting();
      String stop = decode();
      if (stop != null || lanes.waiting() >= before) {
        return stop;
      }
    }
  }

  @Override
  public boolean advance(long now) {
    Limits limits = shared.limits;
    boolean moved = false;
    for (Lane lane : lanes.both()) {
      moved |= declareGaps(lane, now - limits.reorderNs());
    }
    if (decoder == null) {
      return moved;
    }
    if (decoder.awaitingSince() < now - limits.awaitRequestNs()) {
      decoder.giveUpAwaiting(now - limits.awaitRequestNs());
      moved = true;
    }
    for (Lane lane : lanes.both()) {
      if (lane.cutOpen && lane.window.consumedTime() < now - limits.quietNs()) {
        decoder.endQuietCut(lane);
        moved = true;
      }
    }
    if (decoder.answered() && pairing.onTrialSince() < now - limits.quietNs()) {
      pairing.settle();
    }
    return moved;
  }

  @Override
  public long deadline() {
    Limits limits = shared.limits;
    long awaiting = decoder == null ? Long.MAX_VALUE : decoder.awaitingSince();
    long deadline = Talk.after(awaiting, limits.awaitRequestNs());
    if (decoder != null && decoder.answered()) {
      deadline = Math.min(deadline, Talk.after(pairing.onTrialSince(), limits.quietNs()));
    }
    for (Lane lane : lanes.both()) {
      deadline = Math.min(deadline, Talk.after(lane.arrival.waitsSince(), limits.reorderNs()));
      if (lane.cutOpen) {
        deadline = Math.min(deadline, Talk.after(lane.window.consumedTime(), limits.quietNs()));
      }
    }
    return deadline;
  }

  private boolean declareGaps(Lane lane, long waitingSinceBefore) {
    boolean any = false;
    while (lane.arrival.waitsTooLong(waitingSinceBefore)) {
      declareGap(lane, GapCause.MISSING);
      any = true;
    }
    return any;
  }

  private void declareAllGaps(GapCause cause) {
    for (Lane lane : lanes.both()) {
      while (lane.arrival.waits()) {
        declareGap(lane, cause);
      }
    }
  }

  private void declareGap(Lane lane, GapCause cause) {
    long from = lane.arrival.next();
    gap(lane, from, lane.arrival.declareGap(), cause);
  }

  private void gap(Lane lane, long from, long length, GapCause cause) {
    shared.counters().gaps++;
    listener.gap(lane.egress, from & 0xffffffffL, length, cause);
  }

  @Override
  public String positionsBeginAnew() {
    declareAllGaps(GapCause.MISSING);
    if (stopped) {
      lanes.both().forEach(lane -> lane.arrival.beginAnew());
      return null;
    }
    String stop = drain();
    if (stop != null) {
      return stop;
    }
    for (Lane lane : lanes.both()) {
      lane.window.consume(lane.window.size(), false);
      lane.arrival.beginAnew();
      lane.reset();
      lane.dropped = 0;
      lane.resyncing = decoder != null;
      lane.guesses = shared.limits.recogniseTries();
      lane.skipping = decoder == null;
    }
    pairing.endAll(Ending.CAPTURE_GAP);
    pairing.joined();
    speech.recogniser().begins(false);
    if (speech.known()) {
      speech.lost(speech.client());
      speech.lost(speech.server());
    }
    return null;
  }

  @Override
  public String finish(long lastTime) {
    declareAllGaps(GapCause.AT_END);
    for (Lane lane : lanes.both()) {
      long from = lane.arrival.next();
      long missing =
          lane.endPosition < 0 ? 0 : lane.arrival.declareGapUntil(lane.endPosition, lastTime);
      if (missing > 0) {
        gap(lane, from, missing, GapCause.AT_END);
      }
    }
    if (stopped) {
      return null;
    }
    String stop = drain();
    if (stop == null && decoder != null) {
      decoder.giveUpAwaiting(Long.MAX_VALUE);
      stop = drain();
    } else if (stop == null && lanes.waiting() > 0) {
      stop = "unrecognised";
    }
    if (stop == null) {
      for (Lane lane : lanes.both()) {
        lane.window.consume(lane.window.size(), false);
      }
      decoder = null;
    }
    return stop;
  }

  @Override
  public void abandon() {
    lanes.abandon();
    lanes.reset();
    decoder = null;
    stopped = true;
  }

  @Override
  public long waiting() {
    return lanes.waiting();
  }

  @Override
  public long weight() {
    return lanes.weight();
  }

  @Override
  public void save(DataOutput out) {
    // lanes and speech are all that it must remember
  }

  @Override
  public void load(DataInput in) {
    if (speech.known()) {
      decoder = new Decoder(shared, speech, handover);
    }
  }
}
