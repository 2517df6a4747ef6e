package io.kymo.processor.pairing;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;

/**
 * Whether answers in order can be told apart. While no byte was lost they can: each belongs to the
 * oldest request. Lost bytes may have held requests or answers, nobody knows how many; then it
 * depends on the client:
 *
 * <ul>
 *   <li>One that waits for all answers before it sends more has none outstanding when it begins its
 *       next turn. That it does so is on trial for one turn: its pairs are held until the turn is
 *       over and had an answer for each request.
 *   <li>One that was seen to send while answers were outstanding (a pipeline that overlaps) shows
 *       nothing by sending. Its pairs stay unknown until nothing was said for as long as an answer
 *       may take.
 *   <li>One that always waited before, and seems not to in the trial: rather what lies behind the
 *       lost bytes was taken for requests that it did not send. It is tried again, a few times.
 * </ul>
 */
final class Order {
  private enum State {
    KNOWN,
    ON_TRIAL,
    UNKNOWN
  }

  private static final State[] STATES = State.values();
  private static final int PATIENT = 16;
  private static final int MOST_TRIALS = 8;

  private State state = State.KNOWN;
  private boolean overlaps;
  private boolean turnWhole;
  private int turns; // while each had its answers
  private int failures; // of trials
  private final ArrayDeque<Part> held = new ArrayDeque<>(0); // request, its response, request, …

  boolean onTrial() {
    return state == State.ON_TRIAL;
  }

  boolean unknown() {
    return state == State.UNKNOWN;
  }

  /** The client begins a turn. */
  void turn() {
    turnWhole = true;
    turns = state == State.KNOWN ? Math.min(turns + 1, PATIENT) : turns;
  }

  /** Were all requests of this turn seen? */
  boolean turnWhole() {
    return turnWhole;
  }

  /** Bytes were lost, or went by before the first that were seen. */
  void lost() {
    turnWhole = false;
    state = overlaps ? State.UNKNOWN : State.ON_TRIAL;
  }

  /** The client was seen to send while answers were outstanding. */
  void overlaps() {
    if (state == State.KNOWN) {
      overlaps = true;
      return;
    }
    overlaps |= turns < PATIENT || ++failures >= MOST_TRIALS;
    state = State.UNKNOWN;
  }

  /** Did the trial fail of a client that always waited before? */
  boolean mayBeTriedAgain() {
    return state == State.UNKNOWN && !overlaps;
  }

  /** Nothing is outstanding. */
  void known() {
    state = State.KNOWN;
    failures = 0;
  }

  /** Another protocol, of which nothing is known yet. */
  void reset() {
    known();
    overlaps = false;
    turns = 0;
  }

  void hold(Part request, Part response) {
    held.addLast(request);
    held.addLast(response);
  }

  boolean holds() {
    return !held.isEmpty();
  }

  int held() {
    return held.size();
  }

  /** Request and response in turn, from the oldest pair on. */
  Part takeHeld() {
    return held.pollFirst();
  }

  /** Last byte of the newest answer that is held; Long.MAX_VALUE when none is. */
  long heldSince() {
    return held.isEmpty() ? Long.MAX_VALUE : held.getLast().endTime();
  }

  void save(DataOutput out) throws IOException {
    out.writeByte(state.ordinal());
    out.writeBoolean(overlaps);
    out.writeBoolean(turnWhole);
    out.writeByte(turns);
    out.writeByte(failures);
    Part.saveAll(held, out);
  }

  void load(DataInput in, PartPool pool) throws IOException {
    state = STATES[in.readByte()];
    overlaps = in.readBoolean();
    turnWhole = in.readBoolean();
    turns = in.readByte();
    failures = in.readByte();
    Part.loadAll(held, in, pool);
  }
}
