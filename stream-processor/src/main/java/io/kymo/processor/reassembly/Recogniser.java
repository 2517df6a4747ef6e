package io.kymo.processor.reassembly;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Verdict;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/**
 * Finds out what a connection speaks, and who is the client when that is not known. Asks the
 * parsers in their order; YES wins, MAYBE waits for more bytes. Within a connection that was open
 * before, or after damage, the first bytes may be the middle of a message: then later bursts are
 * tried as beginnings, too.
 */
final class Recogniser {
  enum Result {
    FOUND,
    /** More bytes are needed. */
    WAIT,
    /** No protocol will be found. */
    HOPELESS
  }

  private final Reassembly shared;
  private final Transport transport;
  private final boolean localIsClientHint;
  private final int localPort;
  private final int remotePort;
  private final Lane ingress;
  private final Lane egress;
  private boolean fromStart;
  private int tries;

  // what was found
  private String protocol = "";
  private boolean localIsClient;

  Recogniser(
      Reassembly shared,
      Transport transport,
      boolean localIsClientHint,
      int localPort,
      int remotePort,
      boolean fromStart,
      Lanes lanes) {
    this.shared = shared;
    this.transport = transport;
    this.localIsClientHint = localIsClientHint;
    this.localPort = localPort;
    this.remotePort = remotePort;
    this.fromStart = fromStart;
    this.ingress = lanes.ingress;
    this.egress = lanes.egress;
  }

  /**
   * Bytes were exchanged before those that are looked at next ({@code false}), or none were that
   * belong to them.
   */
  void begins(boolean atStart) {
    fromStart = atStart;
  }

  /** Were no bytes exchanged before those that are looked at next? */
  boolean fromStart() {
    return fromStart;
  }

  /** Id of the protocol that was found. */
  String protocol() {
    return protocol;
  }

  /** Is the traced process the client of the protocol that was found? */
  boolean localIsClient() {
    return localIsClient;
  }

  Flow flow(boolean localIsClient) {
    return new Flow(
        transport,
        localIsClient ? localPort : remotePort,
        localIsClient ? remotePort : localPort,
        fromStart);
  }

  /** Looks at what waits in the windows; what can be no beginning is skipped. */
  Result stream(Role role) {
    while (true) {
      dropToBurst(ingress);
      dropToBurst(egress);
      if (ingress.window.isEmpty() && egress.window.isEmpty()) {
        return Result.WAIT;
      }
      Verdict verdict = ask(role, Long.MIN_VALUE);
      if (verdict == Verdict.YES
          || !fromStart
              && (beginsAt(role, egress.window.lastBurstTime())
                  || beginsAt(role, ingress.window.lastBurstTime()))) {
        return Result.FOUND;
      }
      boolean oneSided = ingress.window.isEmpty() || egress.window.isEmpty();
      if (moreMayHelp(oneSided) && (verdict == Verdict.MAYBE || oneSided)) {
        return Result.WAIT;
      }
      boolean unbroken = ingress.window.unbroken() && egress.window.unbroken();
      if (fromStart && unbroken || ++tries >= shared.limits.recogniseTries()) {
        return Result.HOPELESS;
      }
      fromStart = false;
      dropBeginning(ingress);
      dropBeginning(egress);
    }
  }

  private boolean moreMayHelp(boolean oneSided) {
    Window in = ingress.window;
    Window out = egress.window;
    return (oneSided
            || in.unbroken() && out.unbroken()
            || ingress.arrival.waits()
            || egress.arrival.waits())
        && in.front() + out.front() < shared.limits.recogniseBytes()
        && !in.overfull()
        && !out.overfull()
        && !(ingress.complete() && egress.complete());
  }

  /** Is a protocol recognised in what was seen since {@code time}? Then the rest is skipped. */
  private boolean beginsAt(Role role, long time) {
    int before = ingress.window.frontBefore(time) + egress.window.frontBefore(time);
    if (before == 0 || ask(role, time) != Verdict.YES) {
      return false;
    }
    ingress.window.consume(ingress.window.frontBefore(time), false);
    egress.window.consume(egress.window.frontBefore(time), false);
    return true;
  }

  private static void dropBeginning(Lane lane) {
    Window window = lane.window;
    if (!window.unbroken()) {
      window.consume(window.front() + window.hole() + window.gap(), false);
    } else {
      int before = window.frontBefore(window.lastBurstTime());
      window.consume(before > 0 ? before : window.size(), false);
    }
    lane.skipping = true;
  }

  private static void dropToBurst(Lane lane) {
    while (lane.skipping && !lane.window.isEmpty()) {
      if (lane.window.burst()) {
        lane.skipping = false;
      } else {
        lane.window.consume(lane.window.run(), false);
      }
    }
  }

  /** What the parsers say of the bytes since {@code since}; when YES, what they are is noted. */
  private Verdict ask(Role role, long since) {
    Verdict best = Verdict.NO;
    for (Map.Entry<String, Parser> candidate : shared.parsers.entrySet()) {
      for (int i = 0; i < 2; i++) {
        boolean client = (i == 0) == localIsClientHint;
        if (role == (client ? Role.SERVER : Role.CLIENT)) {
          continue;
        }
        wrap(shared.input, client ? egress : ingress, since);
        wrap(shared.otherInput, client ? ingress : egress, since);
        Verdict verdict = ask(candidate.getValue(), client);
        if (verdict == Verdict.YES) {
          protocol = candidate.getKey();
          localIsClient = client;
          return verdict;
        }
        if (verdict == Verdict.MAYBE) {
          best = verdict;
        }
      }
    }
    return best;
  }

  private Verdict ask(Parser parser, boolean client) {
    try {
      return parser.recognise(shared.input, shared.otherInput, flow(client));
    } catch (RuntimeException e) { // a parser's bug must not stop all other connections
      shared.counters().parserFaults++;
      return Verdict.NO;
    }
  }

  private static void wrap(Input input, Lane lane, long since) {
    Window w = lane.window;
    int from = w.frontBefore(since);
    boolean ended = w.unbroken() && lane.complete();
    input.wrap(w.bytes(), w.start() + from, w.front() - from, w.hole(), ended);
  }

  /** Looks at one datagram; there is no waiting for more. */
  Result datagram(
      Role role, boolean isEgress, byte[] payload, int offset, int captured, long hole) {
    for (Map.Entry<String, Parser> candidate : shared.parsers.entrySet()) {
      for (int i = 0; i < 2; i++) {
        boolean client = (i == 0) == localIsClientHint;
        if (role == (client ? Role.SERVER : Role.CLIENT)) {
          continue;
        }
        boolean fromClient = isEgress == client;
        (fromClient ? shared.input : shared.otherInput).wrap(payload, offset, captured, hole, true);
        (fromClient ? shared.otherInput : shared.input).wrap(BufferPool.NONE, 0, 0, 0, false);
        if (ask(candidate.getValue(), client) == Verdict.YES) {
          protocol = candidate.getKey();
          localIsClient = client;
          return Result.FOUND;
        }
      }
    }
    return ++tries >= shared.limits.recogniseTries() ? Result.HOPELESS : Result.WAIT;
  }

  void save(DataOutput out) throws IOException {
    out.writeBoolean(fromStart);
    out.writeInt(tries);
  }

  void load(DataInput in) throws IOException {
    fromStart = in.readBoolean();
    tries = in.readInt();
  }
}
