package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Ending;
import io.kymo.processor.pairing.Pairing;
import io.kymo.processor.pairing.Part;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * One connection as one node saw it: takes its segments and events in about the order of time,
 * hands out its exchanges. All that it knows survives {@link #save} and {@link #load}. Times are
 * ns, positions count modulo 2^32.
 */
public final class Conversation {
  private static final int VERSION = 8;
  private static final int PART_WEIGHT = 512;
  private static final int CLOSING = 2;
  private static final int RESET = 4;
  private static final int FINISHED = 8;
  private static final int RELEASED = 16;

  private final Reassembly shared;
  private final ConversationListener listener;
  private final Accounting accounting;
  private final Breaker breaker = new Breaker();
  private final Pairing pairing;
  private final Lanes lanes;
  private final Speech speech;
  private final Talk talk;

  private String opaqueReason = "";
  private boolean closing;
  private boolean reset;
  private boolean released;
  private boolean finished;
  private long lastTime = Long.MIN_VALUE;

  // kept by MemoryBudget
  Conversation older;
  Conversation newer;
  long weight;

  Conversation(
      Reassembly shared,
      ConversationListener listener,
      Transport transport,
      Role role,
      boolean localIsClientHint,
      int localPort,
      int remotePort,
      boolean fromStart) {
    this.shared = shared;
    this.listener = listener;
    Limits limits = shared.limits;
    accounting = new Accounting(shared.accounting());
    pairing = new Pairing(listener, shared.parts, limits.inFlight(), transport.stream());
    lanes = new Lanes(limits, shared.buffers, shared.parts, accounting);
    Recogniser recogniser =
        new Recogniser(
            shared, transport, localIsClientHint, localPort, remotePort, fromStart, lanes);
    speech = new Speech(shared, lanes, recogniser, role);
    Handover handover = new Handover(shared, pairing, breaker);
    talk =
        transport.stream()
            ? new StreamTalk(shared, listener, lanes, speech, handover)
            : new DatagramTalk(shared, accounting, speech, handover);
  }

  /** The connection was opened: where its directions begin, -1 when unknown. */
  public void opened(long ingressPosition, long egressPosition) {
    if (lanes.ingress.received == 0 && lanes.egress.received == 0) {
      speech.recogniser().begins(true); // told of before by something else than its beginning
    }
    if (ingressPosition >= 0) {
      lanes.ingress.arrival.startAt(ingressPosition);
    }
    if (egressPosition >= 0) {
      lanes.egress.arrival.startAt(egressPosition);
    }
  }

  /**
   * Bytes of one call.
   *
   * @param isEgress written by the traced process
   * @param position of the first byte
   * @param length true length; 0: see {@link #passed}
   * @param payload holds the first {@code captured} bytes at {@code offset}; not kept
   * @param burst first of a burst: the connection's other direction had bytes right before it.
   *     Decoding goes on at a burst after damage.
   */
  public void segment(
      boolean isEgress,
      long timeNs,
      long position,
      int length,
      byte[] payload,
      int offset,
      int captured,
      boolean burst) {
    if (length <= 0) {
      if (length == 0) {
        passed(isEgress, timeNs, position);
      }
      return;
    }
    shared.counters().segments++;
    lastTime = Math.max(lastTime, timeNs);
    Lane lane = lanes.of(isEgress);
    lane.received += length;
    if (finished) {
      accounting.received(length);
      accounting.opaque(length);
      return;
    }
    if (!opaqueReason.isEmpty()) {
      talk.count(lane, timeNs, position, length);
      settle(null);
      return;
    }
    int there = Math.min(captured, length);
    settle(talk.segment(lane, timeNs, position, length, payload, offset, there, burst));
  }

  /**
   * The other end has everything before {@code position}: what does not come within the reordering
   * bounds is lost.
   */
  public void passed(boolean isEgress, long timeNs, long position) {
    lastTime = Math.max(lastTime, timeNs);
    if (!finished) {
      settle(talk.passed(lanes.of(isEgress), timeNs, position));
    }
  }

  /** One direction ended. {@code position} behind its last byte, -1 when unknown. */
  public void shutdown(boolean isEgress, long timeNs, long position) {
    lastTime = Math.max(lastTime, timeNs);
    lanes.of(isEgress).end(timeNs, position);
    work();
  }

  /** The connection ended; positions behind the last bytes, -1 when unknown. */
  public void close(long timeNs, long ingressPosition, long egressPosition, boolean wasReset) {
    if (finished) {
      return;
    }
    lastTime = Math.max(lastTime, timeNs);
    released |= closing || !wasReset;
    closing = true;
    reset |= wasReset;
    lanes.ingress.readable = reset && !released;
    end(lanes.ingress, timeNs, ingressPosition);
    end(lanes.egress, timeNs, egressPosition);
    work();
  }

  private void end(Lane lane, long timeNs, long position) {
    if (!lane.ended) {
      lane.end(timeNs, position);
    }
    lane.aborted |= reset;
  }

  /** Stream time has come to {@code now}: what waited for too long ends. */
  public void advance(long now) {
    if (finished) {
      return;
    }
    Limits limits = shared.limits;
    if (talk.advance(now)) {
      work();
    }
    if (closing && !finished && lastTime < now - limits.closeNs()) {
      finish();
    }
    if (!finished) {
      timeOut(now);
    }
    touch();
  }

  private void timeOut(long now) {
    Limits limits = shared.limits;
    pairing.answerUnfinished(unfinishedRequest(), now - limits.pairingNs());
    int timeouts = pairing.timeOut(now - limits.pairingNs(), now - earlyNs());
    shared.counters().timeouts += timeouts;
    shared.counters().unpaired += breaker.unpaired(pairing.unpaired()) - timeouts;
  }

  /**
   * The stream time at which {@link #advance} has something to do, Long.MAX_VALUE when nothing
   * waits.
   */
  public long deadline() {
    if (finished) {
      return Long.MAX_VALUE;
    }
    Limits limits = shared.limits;
    long deadline = Talk.after(pairing.oldest(), limits.pairingNs());
    deadline = Math.min(deadline, Talk.after(pairing.oldestEarly(), earlyNs()));
    deadline = Math.min(deadline, talk.deadline());
    return closing ? Math.min(deadline, Talk.after(lastTime, limits.closeNs())) : deadline;
  }

  /** How long a response waits for its request, which may still be on its way to the server. */
  private long earlyNs() {
    return unfinishedRequest() == null ? shared.limits.awaitRequestNs() : shared.limits.pairingNs();
  }

  /** A request of which the server has not read everything yet; null when there is none. */
  private Part unfinishedRequest() {
    Part part = speech.known() ? speech.client().part : null;
    return part != null && part.unfinishedRequest() ? part : null;
  }

  private void work() {
    if (!finished) {
      settle(opaqueReason.isEmpty() ? talk.decode() : null);
    }
  }

  /**
   * @param stop why parsing must stop, null when it goes on
   */
  private void settle(String stop) {
    if (stop != null) {
      stop(stop);
    }
    if (closing && !finished && lanes.complete() && !answerMayBeRead()) {
      finish();
    }
    touch();
  }

  /** What came before a reset can be read until the socket is closed. */
  private boolean answerMayBeRead() {
    return lanes.ingress.readable && (pairing.waiting() > 0 || unfinishedRequest() != null);
  }

  /**
   * Positions begin anew: whoever counted them (transports without sequence numbers) started again,
   * and what passed meanwhile is not known. Requests in flight end, what is half decoded is
   * forgotten.
   */
  public void positionsBeginAnew() {
    if (!finished) {
      settle(talk.positionsBeginAnew());
    }
  }

  /** The owner wants no more of it parsed: from now on bytes are only counted. */
  public void giveUp(String reason) {
    if (!finished && opaqueReason.isEmpty()) {
      stop(reason);
      touch();
    }
  }

  /** Parsing stops for good. */
  private void stop(String reason) {
    opaqueReason = reason;
    shared.counters().opaque++;
    talk.abandon();
    pairing.endAll(Ending.OPAQUE);
    speech.end();
    listener.opaque(reason);
  }

  /** Called by MemoryBudget. */
  void evict() {
    shared.counters().evicted++;
    stop("memory");
  }

  private void finish() {
    finished = true;
    lanes.ingress.readable = false;
    String stop = talk.finish(lastTime);
    if (stop != null) {
      stop(stop);
    }
    for (Lane lane : lanes.both()) {
      lane.forgetMessage();
    }
    pairing.endAll(reset ? Ending.RESET : Ending.CONNECTION_CLOSED);
  }

  private void touch() {
    if (finished || !opaqueReason.isEmpty()) {
      shared.budget.remove(this);
      return;
    }
    shared.budget.touch(
        this, talk.weight() + speech.weight() + (long) PART_WEIGHT * pairing.waiting());
  }

  /**
   * This task no longer owns the conversation (its state is stored): its memory is no longer
   * counted.
   */
  public void release() {
    shared.budget.remove(this);
    accounting.leave();
  }

  /** What accounting().pending() must be. */
  long waiting() {
    return talk.waiting();
  }

  /** Nothing more will come of it. */
  public boolean finished() {
    return finished;
  }

  /** Known, or found out with the protocol. */
  public Role role() {
    return speech.role();
  }

  /** Id of the recognised protocol, empty before; stays when the connection becomes opaque. */
  public String protocol() {
    return speech.protocol();
  }

  /** Id of the protocol of the exchanges that are handed out now: TLS, where it wraps another. */
  public String spoken() {
    return speech.spoken();
  }

  /** Why parsing stopped; empty while it goes on. */
  public String opaqueReason() {
    return opaqueReason;
  }

  public Accounting accounting() {
    return accounting;
  }

  /** Exchanges handed out so far. */
  public long exchanges() {
    return pairing.exchanges();
  }

  /** True lengths of the segments of one direction. */
  public long received(boolean isEgress) {
    return lanes.of(isEgress).received;
  }

  /** When the latest segment or event happened; Long.MIN_VALUE when there was none. */
  public long lastTime() {
    return lastTime;
  }

  public void save(DataOutput out) throws IOException {
    out.writeByte(VERSION);
    out.writeByte(
        (closing ? CLOSING : 0)
            | (reset ? RESET : 0)
            | (finished ? FINISHED : 0)
            | (released ? RELEASED : 0));
    out.writeUTF(opaqueReason);
    out.writeLong(lastTime);
    accounting.save(out);
    breaker.save(out);
    pairing.save(out);
    lanes.save(out);
    speech.save(out);
    talk.save(out);
  }

  /**
   * Into a fresh conversation made with the same facts.
   *
   * @throws IOException when the stored state is of another version, or of a protocol that this
   *     version does not know
   */
  public void load(DataInput in) throws IOException {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IOException("conversation of version " + version + ", can read " + VERSION);
    }
    int flags = in.readByte();
    closing = (flags & CLOSING) != 0;
    reset = (flags & RESET) != 0;
    finished = (flags & FINISHED) != 0;
    released = (flags & RELEASED) != 0;
    opaqueReason = in.readUTF();
    lastTime = in.readLong();
    accounting.load(in);
    breaker.load(in);
    pairing.load(in);
    lanes.load(in);
    speech.load(in);
    talk.load(in);
    if (!opaqueReason.isEmpty()) {
      talk.abandon();
    }
    for (Lane lane : lanes.both()) {
      lane.aborted = reset && lane.ended;
    }
    lanes.ingress.readable = reset && !released && !finished;
    touch();
  }
}
