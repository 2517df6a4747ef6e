package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Ending;
import io.kymo.processor.pairing.Pairing;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
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
  private static final int VERSION = 2;
  private static final int PART_WEIGHT = 512;

  private final Reassembly shared;
  private final ConversationListener listener;
  private final Transport transport;
  private final Accounting accounting;
  private final Breaker breaker = new Breaker();
  private final Pairing pairing;
  private final Lane ingress;
  private final Lane egress;
  private final Datagrams datagrams;
  private final Recogniser recogniser;

  private Role role;
  private String protocol = "";
  private String opaqueReason = "";
  private Parser parser;
  private Session session;
  private Decoder decoder;
  private boolean closing;
  private boolean reset;
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
    this.transport = transport;
    this.role = role;
    Limits limits = shared.limits;
    accounting = new Accounting(shared.accounting());
    pairing = new Pairing(listener, shared.parts, limits.inFlight(), transport.stream());
    ingress = new Lane(false, new Window(limits, shared.buffers, accounting), shared.parts.take());
    egress = new Lane(true, new Window(limits, shared.buffers, accounting), shared.parts.take());
    datagrams = transport.stream() ? null : new Datagrams(shared, accounting, pairing, breaker);
    recogniser =
        new Recogniser(
            shared,
            transport,
            localIsClientHint,
            localPort,
            remotePort,
            fromStart,
            ingress,
            egress);
  }

  /** The connection was opened: where its directions begin, -1 when unknown. */
  public void opened(long ingressPosition, long egressPosition) {
    if (ingressPosition >= 0) {
      ingress.window.startAt(ingressPosition);
    }
    if (egressPosition >= 0) {
      egress.window.startAt(egressPosition);
    }
  }

  /**
   * Bytes of one call.
   *
   * @param isEgress written by the traced process
   * @param position of the first byte
   * @param length true length
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
      return;
    }
    shared.counters().segments++;
    lastTime = Math.max(lastTime, timeNs);
    Lane lane = isEgress ? egress : ingress;
    lane.received += length;
    int there = Math.min(captured, length);
    if (finished || !opaqueReason.isEmpty()) {
      accounting.received(length);
      accounting.opaque(length);
    } else if (transport.stream()) {
      if (!lane.window.begun() && !burst) { // the beginning of this burst went by unseen
        lane.beginningLost = true;
        lane.skipping = decoder == null;
      }
      lane.window.insert(timeNs, position, length, payload, offset, there, burst);
      declareGaps(lane, Long.MIN_VALUE);
      work();
    } else {
      accounting.received(length);
      datagram(lane, timeNs, position, length, payload, offset, there);
      touch();
    }
  }

  /** One direction ended. {@code position} behind its last byte, -1 when unknown. */
  public void shutdown(boolean isEgress, long timeNs, long position) {
    lastTime = Math.max(lastTime, timeNs);
    Lane lane = isEgress ? egress : ingress;
    lane.ended = true;
    lane.endPosition = position;
    work();
  }

  /** The connection ended; positions behind the last bytes, -1 when unknown. */
  public void close(long timeNs, long ingressPosition, long egressPosition, boolean wasReset) {
    if (finished) {
      return;
    }
    lastTime = Math.max(lastTime, timeNs);
    closing = true;
    reset = wasReset;
    end(ingress, ingressPosition);
    end(egress, egressPosition);
    work();
  }

  private void end(Lane lane, long position) {
    if (!lane.ended) {
      lane.ended = true;
      lane.endPosition = position;
    }
    lane.endHandled |= reset; // nothing is complete by a reset
  }

  /** Stream time has come to {@code now}: what waited for too long ends. */
  public void advance(long now) {
    if (finished) {
      return;
    }
    Limits limits = shared.limits;
    boolean moved = declareGaps(ingress, now - limits.reorderNs());
    moved |= declareGaps(egress, now - limits.reorderNs());
    if (datagrams != null) {
      datagrams.forgetBefore(now - limits.awaitRequestNs());
    }
    if (decoder != null) {
      if (awaitingSince() < now - limits.awaitRequestNs()) {
        decoder.giveUpAwaiting(now - limits.awaitRequestNs());
        moved = true;
      }
      for (Lane lane : new Lane[] {ingress, egress}) {
        if (lane.cutOpen && lane.window.consumedTime() < now - limits.quietNs()) {
          decoder.endQuietCut(lane);
          moved = true;
        }
      }
    }
    if (moved) {
      work();
    }
    int timeouts = pairing.timeOut(now - limits.pairingNs(), now - limits.awaitRequestNs());
    shared.counters().timeouts += timeouts;
    shared.counters().unpaired += breaker.unpaired(pairing.unpaired()) - timeouts;
    if (closing && !finished && lastTime < now - limits.closeNs()) {
      finish();
    }
    touch();
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
    long deadline = after(pairing.oldest(), limits.pairingNs());
    deadline = Math.min(deadline, after(pairing.oldestEarly(), limits.awaitRequestNs()));
    deadline = Math.min(deadline, after(ingress.window.waitsSince(), limits.reorderNs()));
    deadline = Math.min(deadline, after(egress.window.waitsSince(), limits.reorderNs()));
    deadline = Math.min(deadline, after(awaitingSince(), limits.awaitRequestNs()));
    if (datagrams != null) {
      deadline = Math.min(deadline, after(datagrams.waitsSince(), limits.awaitRequestNs()));
    }
    for (Lane lane : new Lane[] {ingress, egress}) {
      if (lane.cutOpen) {
        deadline = Math.min(deadline, after(lane.window.consumedTime(), limits.quietNs()));
      }
    }
    return closing ? Math.min(deadline, after(lastTime, limits.closeNs())) : deadline;
  }

  private static long after(long time, long wait) {
    return time == Long.MAX_VALUE ? time : time + wait + 1;
  }

  private long awaitingSince() {
    Lane server = role == Role.CLIENT ? ingress : egress;
    return server.awaiting && !server.window.isEmpty() ? server.window.time() : Long.MAX_VALUE;
  }

  private boolean declareGaps(Lane lane, long waitingSinceBefore) {
    boolean any = false;
    while (lane.window.waitsTooLong(waitingSinceBefore)) {
      long from = lane.window.next();
      gap(lane, from, lane.window.declareGap(), GapCause.MISSING);
      any = true;
    }
    return any;
  }

  private void gap(Lane lane, long from, long length, GapCause cause) {
    shared.counters().gaps++;
    listener.gap(lane.egress, from & 0xffffffffL, length, cause);
  }

  private void work() {
    if (finished) {
      return;
    }
    decode();
    if (closing && (!opaqueReason.isEmpty() || ingress.complete() && egress.complete())) {
      finish();
    }
    touch();
  }

  private void decode() {
    while (opaqueReason.isEmpty() && transport.stream()) {
      if (decoder == null && !recognise()) {
        return;
      }
      String stop;
      try {
        stop = decoder.run();
      } catch (RuntimeException e) { // a parser's bug must not stop all other connections
        shared.counters().parserFaults++;
        stop = "parser_fault";
      }
      if (stop == null) {
        return;
      }
      switchTo(stop);
    }
  }

  private void switchTo(String what) {
    if (!what.isEmpty() && !shared.parsers.containsKey(what)) {
      stop(what);
      return;
    }
    pairing.endAll(Ending.OPAQUE);
    ingress.reset();
    egress.reset();
    breaker.reset();
    recogniser.begins(true);
    protocol = "";
    decoder = null;
    parser = null;
    session = null;
    if (!what.isEmpty()) {
      adopt(what, role == Role.CLIENT);
    }
  }

  /** True when a protocol was found. */
  private boolean recognise() {
    switch (recogniser.stream(role)) {
      case FOUND -> adopt(recogniser.protocol(), recogniser.localIsClient());
      case WAIT -> {}
      case HOPELESS -> stop("unrecognised");
    }
    return decoder != null;
  }

  private void adopt(String id, boolean localIsClient) {
    protocol = id;
    role = localIsClient ? Role.CLIENT : Role.SERVER;
    parser = shared.parsers.get(id);
    session = parser.newSession(recogniser.flow(localIsClient));
    newDecoder();
  }

  private void newDecoder() {
    if (transport.stream()) {
      Lane client = role == Role.CLIENT ? egress : ingress;
      Lane server = role == Role.CLIENT ? ingress : egress;
      decoder = new Decoder(shared, pairing, breaker, client, server, parser, session);
    }
  }

  private void datagram(
      Lane lane, long time, long position, int length, byte[] payload, int offset, int captured) {
    if (parser == null) {
      Recogniser.Result result =
          recogniser.datagram(role, lane.egress, payload, offset, captured, length - captured);
      if (result != Recogniser.Result.FOUND) {
        accounting.skipped(captured);
        accounting.truncated(length - captured);
        if (result == Recogniser.Result.HOPELESS) {
          stop("unrecognised");
        }
        return;
      }
      adopt(recogniser.protocol(), recogniser.localIsClient());
    }
    Side side = lane.egress == (role == Role.CLIENT) ? Side.CLIENT : Side.SERVER;
    String stop;
    try {
      stop =
          datagrams.datagram(
              lane, side, parser, session, time, position, length, payload, offset, captured);
      if (stop == null && side == Side.CLIENT) {
        stop = datagrams.retry(lane.egress ? ingress : egress, parser, session, time);
      }
    } catch (RuntimeException e) { // as in decode()
      shared.counters().parserFaults++;
      stop = "parser_fault";
    }
    if (stop != null) {
      stop(stop);
    }
  }

  /**
   * Positions begin anew: whoever counted them (transports without sequence numbers) started again,
   * and what passed meanwhile is not known. Requests in flight end, what is half decoded is
   * forgotten.
   */
  public void positionsBeginAnew() {
    if (finished || !opaqueReason.isEmpty() || !transport.stream()) {
      return;
    }
    for (Lane lane : new Lane[] {ingress, egress}) {
      while (lane.window.waits()) {
        long from = lane.window.next();
        gap(lane, from, lane.window.declareGap(), GapCause.MISSING);
      }
    }
    drain();
    if (!opaqueReason.isEmpty()) {
      return;
    }
    for (Lane lane : new Lane[] {ingress, egress}) {
      lane.window.consume(lane.window.size(), false);
      lane.window.beginAnew();
      lane.reset();
      lane.dropped = 0;
      lane.resyncing = decoder != null;
      lane.skipping = decoder == null;
    }
    pairing.endAll(Ending.CAPTURE_GAP);
    recogniser.begins(false);
    if (parser != null) {
      parser.lost(Side.CLIENT, session);
      parser.lost(Side.SERVER, session);
    }
    touch();
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
    ingress.window.abandon();
    egress.window.abandon();
    ingress.reset();
    egress.reset();
    if (datagrams != null) {
      datagrams.forgetBefore(Long.MAX_VALUE);
    }
    pairing.endAll(Ending.OPAQUE);
    decoder = null;
    parser = null;
    session = null;
    listener.opaque(reason);
  }

  /** Called by MemoryBudget. */
  void evict() {
    shared.counters().evicted++;
    stop("memory");
  }

  private void finish() {
    finished = true;
    if (opaqueReason.isEmpty()) {
      for (Lane lane : new Lane[] {ingress, egress}) {
        while (lane.window.waits()) {
          long from = lane.window.next();
          gap(lane, from, lane.window.declareGap(), GapCause.AT_END);
        }
        long from = lane.window.next();
        long missing =
            lane.endPosition < 0 ? 0 : lane.window.declareGapUntil(lane.endPosition, lastTime);
        if (missing > 0) {
          gap(lane, from, missing, GapCause.AT_END);
        }
      }
      drain();
      if (decoder != null) {
        decoder.giveUpAwaiting(Long.MAX_VALUE);
        drain();
      } else if (opaqueReason.isEmpty() && ingress.window.size() + egress.window.size() > 0) {
        stop("unrecognised");
      }
    }
    for (Lane lane : new Lane[] {ingress, egress}) {
      lane.window.consume(lane.window.size(), false);
      shared.parts.give(lane.part);
      lane.part = shared.parts.take();
    }
    if (datagrams != null) {
      datagrams.forgetBefore(Long.MAX_VALUE);
    }
    pairing.endAll(reset ? Ending.RESET : Ending.CONNECTION_CLOSED);
    decoder = null;
  }

  /** Decodes until nothing moves any more. */
  private void drain() {
    long before;
    do {
      before = accounting.pending();
      decode();
    } while (accounting.pending() < before && opaqueReason.isEmpty());
  }

  private void touch() {
    if (finished || !opaqueReason.isEmpty()) {
      shared.budget.remove(this);
      return;
    }
    shared.budget.touch(
        this,
        ingress.window.weight()
            + egress.window.weight()
            + (datagrams == null ? 0 : datagrams.weight())
            + (session == null ? 0 : session.weight())
            + (long) PART_WEIGHT * pairing.waiting());
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
    long ofStream = ingress.window.waiting() + egress.window.waiting();
    return datagrams == null ? ofStream : datagrams.length();
  }

  /** Nothing more will come of it. */
  public boolean finished() {
    return finished;
  }

  /** Known, or found out with the protocol. */
  public Role role() {
    return role;
  }

  /** Id of the recognised protocol, empty before; stays when the connection becomes opaque. */
  public String protocol() {
    return protocol;
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
    return (isEgress ? egress : ingress).received;
  }

  /** When the latest segment or event happened; Long.MIN_VALUE when there was none. */
  public long lastTime() {
    return lastTime;
  }

  public void save(DataOutput out) throws IOException {
    out.writeByte(VERSION);
    out.writeByte(role.wireId());
    out.writeByte((closing ? 2 : 0) | (reset ? 4 : 0) | (finished ? 8 : 0));
    out.writeUTF(protocol);
    out.writeUTF(opaqueReason);
    recogniser.save(out);
    out.writeLong(lastTime);
    accounting.save(out);
    breaker.save(out);
    pairing.save(out);
    ingress.save(out);
    egress.save(out);
    if (datagrams != null) {
      datagrams.save(out);
    }
    out.writeBoolean(session != null);
    if (session != null) {
      session.save(out);
    }
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
    role = Role.ofWireId(in.readByte());
    int flags = in.readByte();
    closing = (flags & 2) != 0;
    reset = (flags & 4) != 0;
    finished = (flags & 8) != 0;
    protocol = in.readUTF();
    opaqueReason = in.readUTF();
    recogniser.load(in);
    lastTime = in.readLong();
    accounting.load(in);
    breaker.load(in);
    pairing.load(in);
    ingress.load(in);
    egress.load(in);
    if (datagrams != null) {
      datagrams.load(in);
    }
    if (in.readBoolean()) {
      parser = shared.parsers.get(protocol);
      if (parser == null) {
        throw new IOException("conversation of unknown protocol " + protocol);
      }
      session = parser.newSession(recogniser.flow(role == Role.CLIENT));
      session.load(in);
      newDecoder();
    }
    touch();
  }
}
