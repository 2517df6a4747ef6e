package io.kymo.processor.reassembly;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;

/** Drives one parser over the messages of one datagram, none of which goes on in the next. */
final class DatagramDecoder {
  private static final int HASHED_BYTES =
      64; // both ends capture at least as many, or the whole datagram

  private final Reassembly shared;
  private final Accounting accounting;
  private final Speech speech;
  private final Handover handover;

  DatagramDecoder(Reassembly shared, Accounting accounting, Speech speech, Handover handover) {
    this.shared = shared;
    this.accounting = accounting;
    this.speech = speech;
    this.handover = handover;
  }

  /**
   * @param length true length
   * @return false when it must wait for its request
   */
  boolean decode(
      Lane lane, long time, long position, long length, byte[] payload, int offset, int captured) {
    long hash = hash(payload, offset, captured);
    long hole = length - captured;
    int at = 0;
    int decoded = 0;
    while (at < captured && !handover.stopped()) {
      int left = captured - at;
      Input in = shared.input.wrap(payload, offset + at, left, hole, true);
      Outcome outcome = speech.decode(in, lane);
      if (outcome == Outcome.INCOMPLETE
          && in.awaitsRequest()
          && lane == speech.server()
          && at == 0) {
        lane.forgetMessage();
        return false;
      }
      long used = take(outcome, in, lane, left + hole);
      int seen = (int) Math.min(used, left);
      Message message = lane.part.message();
      if (message.begun()) {
        if (!lane.part.started()) {
          lane.part.start(speech.side(lane), position + at, time, hash);
        }
        lane.part.extend(Math.min(used, left + hole), time);
        decoded += seen;
      }
      at += seen;
      if (message.begun() && outcome != Outcome.SKIPPED) {
        handover.complete(lane);
      }
      if (outcome == Outcome.SWITCHED) {
        handover.stop(in.switchedTo() == null ? "unknown" : in.switchedTo());
      }
    }
    lane.forgetMessage();
    accounting.decoded(decoded);
    accounting.skipped(captured - decoded);
    accounting.truncated(hole);
    return true;
  }

  /**
   * Returns how many bytes the outcome used, of which {@code all} are left; the lane's message is
   * cleared when there is none.
   */
  private long take(Outcome outcome, Input in, Lane lane, long all) {
    Message message = lane.part.message();
    return switch (outcome) {
      case MESSAGE, SWITCHED, SKIPPED -> {
        if (in.consumed() >= 1 && (outcome != Outcome.MESSAGE || message.begun())) {
          yield in.consumed();
        }
        shared.counters().parserFaults++;
        yield malformed(message, all);
      }
      case INCOMPLETE -> {
        if (in.hole() == 0 || !speech.truncated(in, lane)) {
          yield malformed(message, all);
        }
        shared.counters().truncatedMessages++;
        message.markTruncated();
        yield all;
      }
      case MALFORMED -> malformed(message, all);
    };
  }

  private long malformed(Message message, long all) {
    handover.malformed();
    message.clear();
    return all;
  }

  private static long hash(byte[] payload, int offset, int captured) {
    long hash = 0xcbf29ce484222325L; // FNV-1a
    for (int i = offset, end = offset + Math.min(captured, HASHED_BYTES); i < end; i++) {
      hash = (hash ^ (payload[i] & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
