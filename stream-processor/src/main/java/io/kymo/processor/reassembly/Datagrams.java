package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Pairing;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Decodes datagrams: each is its own input. Those whose request has not been reported yet wait for
 * it, few and not for long.
 */
final class Datagrams {
  private static final int MOST_WAITING = 16;
  private static final int HASHED_BYTES =
      64; // both ends capture at least as many, or the whole datagram

  private static final class Waiting {
    final byte[] payload;
    final long length;
    final long time;
    final long position;

    Waiting(byte[] payload, long length, long time, long position) {
      this.payload = payload;
      this.length = length;
      this.time = time;
      this.position = position;
    }
  }

  private final Reassembly shared;
  private final Accounting accounting;
  private final Pairing pairing;
  private final Breaker breaker;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
  private String stop;

  Datagrams(Reassembly shared, Accounting accounting, Pairing pairing, Breaker breaker) {
    this.shared = shared;
    this.accounting = accounting;
    this.pairing = pairing;
    this.breaker = breaker;
  }

  /**
   * @param length true length
   * @return null to go on, else the reason to stop
   */
  String datagram(
      Lane lane,
      Side side,
      Parser parser,
      Session session,
      long time,
      long position,
      long length,
      byte[] payload,
      int offset,
      int captured) {
    stop = null;
    if (!decode(lane, side, parser, session, time, position, length, payload, offset, captured)) {
      if (waiting.size() >= MOST_WAITING) {
        forget(waiting.pollFirst());
      }
      byte[] copy = Arrays.copyOfRange(payload, offset, offset + captured);
      waiting.addLast(new Waiting(copy, length, time, position));
    }
    return stop;
  }

  /**
   * Tries those again that wait for a request, now that one has come; what was seen before {@code
   * time} is not its answer.
   */
  String retry(Lane lane, Parser parser, Session session, long time) {
    stop = null;
    forgetBefore(time);
    for (int n = waiting.size(); n > 0 && stop == null; n--) {
      Waiting w = waiting.pollFirst();
      byte[] p = w.payload;
      if (!decode(
          lane, Side.SERVER, parser, session, w.time, w.position, w.length, p, 0, p.length)) {
        waiting.addLast(w);
      }
    }
    return stop;
  }

  /** False when it must wait for its request. */
  private boolean decode(
      Lane lane,
      Side side,
      Parser parser,
      Session session,
      long time,
      long position,
      long length,
      byte[] payload,
      int offset,
      int captured) {
    long hash = hash(payload, offset, captured);
    long hole = length - captured;
    int at = 0;
    int decoded = 0;
    while (at < captured && stop == null) {
      Input in = shared.input.wrap(payload, offset + at, captured - at, hole, true);
      Message message = lane.part.message();
      Outcome outcome = parser.decode(in, side, session, message);
      long used = in.consumed();
      boolean whole = outcome == Outcome.MESSAGE || outcome == Outcome.SWITCHED;
      switch (outcome) {
        case MESSAGE, SWITCHED, SKIPPED -> {
          if (used < 1 || outcome == Outcome.MESSAGE && !message.begun()) {
            shared.counters().parserFaults++;
            malformed();
            used = (long) captured - at;
            message.clear();
          }
        }
        case INCOMPLETE -> {
          if (in.awaitsRequest() && side == Side.SERVER && at == 0) {
            lane.part.clear();
            return false;
          }
          whole = hole > 0 && parser.truncated(in, side, session, message) && message.begun();
          if (whole) {
            shared.counters().truncatedMessages++;
            message.markTruncated();
          } else {
            malformed();
            message.clear();
          }
          used = captured - at + hole;
        }
        case MALFORMED -> {
          malformed();
          message.clear();
          used = (long) captured - at;
        }
      }
      int seen = (int) Math.min(used, captured - at);
      if (message.begun()) {
        if (!lane.part.started()) {
          lane.part.start(side, position + at, time, hash);
        }
        lane.part.extend(Math.min(used, captured - at + hole), time);
        decoded += seen;
      }
      at += seen;
      if (whole && message.begun()) {
        complete(lane);
      }
      if (outcome == Outcome.SWITCHED) {
        stop = in.switchedTo() == null ? "unknown" : in.switchedTo();
      }
    }
    lane.part.clear(); // a message does not go on in the next datagram
    accounting.decoded(decoded);
    accounting.skipped(captured - decoded);
    accounting.truncated(hole);
    return true;
  }

  private void complete(Lane lane) {
    var part = lane.part;
    lane.part = shared.parts.take();
    shared.counters().messages++;
    breaker.message();
    switch (part.message().kind()) {
      case REQUEST -> pairing.request(part);
      case RESPONSE -> pairing.response(part);
      case ONE_WAY -> pairing.oneWay(part);
    }
    shared.counters().unpaired += breaker.unpaired(pairing.unpaired());
    if (breaker.tooManyUnpaired()) {
      stop = "unpaired";
    }
  }

  private void malformed() {
    shared.counters().malformed++;
    breaker.malformed();
    if (breaker.tooManyMalformed()) {
      stop = "malformed";
    }
  }

  /** Gives up those that wait since before {@code time}. */
  void forgetBefore(long time) {
    for (int n = waiting.size(); n > 0; n--) {
      Waiting w = waiting.pollFirst();
      if (w.time < time) {
        forget(w);
      } else {
        waiting.addLast(w);
      }
    }
  }

  private void forget(Waiting w) {
    shared.counters().awaitedInVain++;
    accounting.skipped(w.payload.length);
    accounting.truncated(w.length - w.payload.length);
  }

  /** When the first that waits was seen; Long.MAX_VALUE when none does. */
  long waitsSince() {
    long oldest = Long.MAX_VALUE;
    for (Waiting w : waiting) {
      oldest = Math.min(oldest, w.time);
    }
    return oldest;
  }

  /** True lengths of what waits. */
  long length() {
    long length = 0;
    for (Waiting w : waiting) {
      length += w.length;
    }
    return length;
  }

  long weight() {
    long weight = 0;
    for (Waiting w : waiting) {
      weight += 64 + w.payload.length;
    }
    return weight;
  }

  private static long hash(byte[] payload, int offset, int captured) {
    long hash = 0xcbf29ce484222325L; // FNV-1a
    for (int i = offset, end = offset + Math.min(captured, HASHED_BYTES); i < end; i++) {
      hash = (hash ^ (payload[i] & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(waiting.size());
    for (Waiting w : waiting) {
      out.writeLong(w.length);
      out.writeLong(w.time);
      out.writeLong(w.position);
      out.writeInt(w.payload.length);
      out.write(w.payload);
    }
  }

  void load(DataInput in) throws IOException {
    for (int n = in.readInt(); n > 0; n--) {
      long length = in.readLong();
      long time = in.readLong();
      long position = in.readLong();
      byte[] payload = new byte[in.readInt()];
      in.readFully(payload);
      waiting.addLast(new Waiting(payload, length, time, position));
    }
  }
}
