package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.Part;
import io.kymo.protocol.Outcome;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * One direction of a conversation: how its bytes come in order, its window, the message being
 * decoded, and where the decoder stands in it.
 */
final class Lane {
  private static final Outcome[] OUTCOMES = Outcome.values();

  final boolean egress;
  final Window window;
  final Sequencer arrival;
  Part part;

  /**
   * Bytes of the last outcome that are still to be passed over, and that outcome (null when none).
   */
  long rest;

  Outcome restOutcome;
  String switchedTo;

  /** Everything up to the next burst belongs to a unit that the capture cut. */
  boolean skipping;

  /** The message of the cut unit has not been handed on yet. */
  boolean cutOpen;

  /** The last bytes made no sense; a place to begin is searched. */
  boolean resyncing;

  /**
   * A burst is tried as a beginning after damage. It may go on with a unit instead, so what is
   * incomplete in it must not swallow the next burst.
   */
  boolean wary;

  /**
   * The direction begins within a burst whose first bytes nobody saw; not noticed by the decoder
   * yet.
   */
  boolean beginningLost;

  /** Bytes that were passed over in this search. */
  long dropped;

  /** The direction ended, at this position (-1: unknown, that is where it stands). */
  boolean ended;

  long endPosition = -1;
  boolean endHandled;

  /** When it ended, as far as this end knows, ns. */
  long endTime;

  /** It ended by a reset: what the server was in the middle of is not complete by that. */
  boolean aborted;

  /** What came before the reset can still be read: the socket is not closed yet. */
  boolean readable;

  /** What is at the front waits for its request. */
  boolean awaiting;

  /**
   * Bytes were lost, and since then answers are not known again to belong to their requests: so
   * many places may yet be tried as beginnings without success before that counts as malformed.
   */
  int guesses;

  /** When the segment was seen whose bytes were last counted as malformed. */
  long malformedTime;

  /** True lengths of all segments. */
  long received;

  /** Can not go on without more bytes; of one call only. */
  boolean blocked;

  Lane(boolean egress, Limits limits, BufferPool buffers, Accounting accounting, Part part) {
    this.egress = egress;
    this.window = new Window(limits, buffers, accounting);
    this.arrival = new Sequencer(limits, accounting, window);
    this.part = part;
  }

  /**
   * It ended.
   *
   * @param position behind its last byte, -1 when unknown
   */
  void end(long timeNs, long position) {
    endTime = ended ? endTime : timeNs;
    ended = true;
    endPosition = position;
  }

  /** Did all bytes come that will ever come? */
  boolean complete() {
    return ended && !arrival.waits() && (endPosition < 0 || arrival.missing(endPosition) == 0);
  }

  /** Will nothing more be read? */
  boolean over() {
    return !readable && complete();
  }

  /** Passes over {@code count} bytes, which belong to the message being decoded if there is one. */
  void consume(long count) {
    boolean ofMessage = part.started();
    window.consume(count, ofMessage);
    if (ofMessage) {
      part.extend(count, window.consumedTime());
    }
    rest -= Math.min(rest, count);
  }

  void forgetMessage() {
    part.clear();
  }

  /** Gives up all bytes that wait; those that come are only counted. */
  void abandon() {
    window.abandon();
    arrival.countOnly();
  }

  /** True lengths of all bytes that wait, in order or too early. */
  long waiting() {
    return window.size() + arrival.waiting();
  }

  /** Heap that they take. */
  long weight() {
    return window.weight() + arrival.weight();
  }

  /** Forgets what belongs to the protocol spoken so far. */
  void reset() {
    part.clear();
    rest = 0;
    restOutcome = null;
    switchedTo = null;
    skipping = false;
    cutOpen = false;
    resyncing = false;
    beginningLost = false;
    wary = false;
    blocked = false;
    awaiting = false;
    guesses = 0;
  }

  void save(DataOutput out) throws IOException {
    window.save(out);
    arrival.save(out);
    part.save(out);
    out.writeLong(rest);
    out.writeByte(restOutcome == null ? -1 : restOutcome.ordinal());
    out.writeUTF(switchedTo == null ? "" : switchedTo);
    out.writeByte(
        (skipping ? 1 : 0)
            | (cutOpen ? 2 : 0)
            | (resyncing ? 4 : 0)
            | (ended ? 8 : 0)
            | (endHandled ? 16 : 0)
            | (awaiting ? 32 : 0)
            | (beginningLost ? 64 : 0)
            | (wary ? 128 : 0));
    out.writeLong(endPosition);
    out.writeLong(endTime);
    out.writeLong(malformedTime);
    out.writeLong(received);
    out.writeLong(dropped);
    out.writeInt(guesses);
  }

  void load(DataInput in) throws IOException {
    window.load(in);
    arrival.load(in);
    part.load(in);
    rest = in.readLong();
    int outcome = in.readByte();
    restOutcome = outcome < 0 ? null : OUTCOMES[outcome];
    switchedTo = in.readUTF();
    int flags = in.readUnsignedByte();
    skipping = (flags & 1) != 0;
    cutOpen = (flags & 2) != 0;
    resyncing = (flags & 4) != 0;
    ended = (flags & 8) != 0;
    endHandled = (flags & 16) != 0;
    awaiting = (flags & 32) != 0;
    beginningLost = (flags & 64) != 0;
    wary = (flags & 128) != 0;
    endPosition = in.readLong();
    endTime = in.readLong();
    malformedTime = in.readLong();
    received = in.readLong();
    dropped = in.readLong();
    guesses = in.readInt();
  }
}
