package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A conversation datagram by datagram. Those whose request has not been reported yet wait for it,
 * few and not for long.
 */
final class DatagramTalk implements Talk {
  private static final int MOST_WAITING = 16;
  private static final int OBJECT_WEIGHT = 64;

  private final Reassembly shared;
  private final Accounting accounting;
  private final Speech speech;
  private final Handover handover;
  private final DatagramDecoder decoder;
  private final HeldSegments waiting = new HeldSegments();

  DatagramTalk(Reassembly shared, Accounting accounting, Speech speech, Handover handover) {
    this.shared = shared;
    this.accounting = accounting;
    this.speech = speech;
    this.handover = handover;
    this.decoder = new DatagramDecoder(shared, accounting, speech, handover);
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
    accounting.received(length);
    if (!speech.known()) {
      Recogniser.Result result =
          speech
              .recogniser()
              .datagram(speech.role(), lane.egress, payload, offset, captured, length - captured);
      if (result != Recogniser.Result.FOUND) {
        accounting.skipped(captured);
        accounting.truncated(length - captured);
        return result == Recogniser.Result.HOPELESS ? "unrecognised" : null;
      }
      speech.adopt();
    }
    try {
      if (!decoder.decode(lane, timeNs, position, length, payload, offset, captured)) {
        hold(HeldSegments.copy(position, length, payload, offset, captured, timeNs, burst));
      }
      if (!handover.stopped() && lane == speech.client()) {
        retry(timeNs);
      }
    } catch (RuntimeException e) { // a parser's bug must not stop all other connections
      shared.counters().parserFaults++;
      return "parser_fault";
    }
    return handover.takeStop();
  }

  private void hold(HeldSegments.Held datagram) {
    if (waiting.count() >= MOST_WAITING) {
      forget(waiting.removeFirst());
    }
    waiting.append(datagram);
  }

  /**
   * Tries those again that wait for a request, now that one has come; what was seen before {@code
   * time} is not its answer.
   */
  private void retry(long time) {
    waiting.removeBefore(time, this::forget);
    for (int n = waiting.count(); n > 0 && !handover.stopped(); n--) {
      HeldSegments.Held h = waiting.removeFirst();
      byte[] payload = h.payload();
      if (!decoder.decode(
          speech.server(), h.time(), h.position(), h.length(), payload, 0, payload.length)) {
        waiting.append(h);
      }
    }
  }

  private void forget(HeldSegments.Held datagram) {
    shared.counters().awaitedInVain++;
    accounting.skipped(datagram.payload().length);
    accounting.truncated(datagram.hole());
  }

  @Override
  public void count(Lane lane, long timeNs, long position, int length) {
    accounting.received(length);
    accounting.opaque(length);
  }

  @Override
  public String passed(Lane lane, long timeNs, long position) {
    return null; // an empty datagram: nothing acknowledges the others
  }

  @Override
  public String decode() {
    return null; // nothing but another datagram moves anything
  }

  @Override
  public boolean advance(long now) {
    waiting.removeBefore(now - shared.limits.awaitRequestNs(), this::forget);
    return false;
  }

  @Override
  public long deadline() {
    return Talk.after(waiting.oldest(), shared.limits.awaitRequestNs());
  }

  @Override
  public String positionsBeginAnew() {
    return null; // positions are of no account
  }

  @Override
  public String finish(long lastTime) {
    abandon();
    return null;
  }

  @Override
  public void abandon() {
    waiting.removeBefore(Long.MAX_VALUE, this::forget);
  }

  @Override
  public long waiting() {
    return waiting.length();
  }

  @Override
  public long weight() {
    return waiting.bytes() + (long) OBJECT_WEIGHT * waiting.count();
  }

  @Override
  public void save(DataOutput out) throws IOException {
    waiting.save(out);
  }

  @Override
  public void load(DataInput in) throws IOException {
    waiting.load(in);
  }
}
