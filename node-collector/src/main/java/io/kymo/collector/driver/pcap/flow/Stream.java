package io.kymo.collector.driver.pcap.flow;

/** One direction of a flow: how far it was handed on, and what waits. Positions modulo 2^32. */
final class Stream {
  private static final HeldBytes NOTHING = new HeldBytes();
  private static final int NEAR = 64 << 20;
  private static final long WINDOW = 1L << 30; // the largest of TCP (RFC 7323)
  private static final long FASTEST = 13; // bytes a ns, at 100 Gbit/s
  private static final long LONGEST_NS = 1_000_000_000L; // in which WINDOW passes at any rate

  boolean begun;

  /** The handshake showed its first position. */
  boolean fromStart;

  int first;
  int next;

  /** Positions before it were confirmed by the other end. */
  boolean acknowledges;

  int acknowledged;

  /** All before it is accounted for: handed on, or told to have passed unseen; and since when. */
  int passed;

  long passedNs;

  private boolean passedKnown;

  /** What one acknowledgement says to have passed behind it; a second one is to confirm that. */
  private int claim;

  private long claimNs;
  private boolean claimed;

  /** Position behind the last byte, once it is known. */
  boolean finished;

  int end;
  boolean shutdownTold;

  /** Of what was handed on last, ns. */
  long lastNs = Long.MIN_VALUE;

  /** The hole that was last stepped over: late bytes may fill it. */
  int holeFrom;

  int holeTo;

  /** UDP: the interface that its datagrams are taken from, and whether they came or left there. */
  int seenOn = -1;

  long seenOnNs;

  /** UDP: bytes so far. */
  long counted;

  /** Where the last segment was that was far from what was handed on. */
  private int farAt;

  private boolean farSeen;

  HeldBytes held = NOTHING;

  void begin(int position, boolean fromHandshake) {
    begun = true;
    fromStart |= fromHandshake;
    first = position;
    next = position;
    acknowledged = position;
    holeFrom = position;
    holeTo = position;
  }

  HeldBytes held() {
    if (held == NOTHING) {
      held = new HeldBytes();
    }
    return held;
  }

  /**
   * Is a segment further away than bytes can have passed? A damaged header, or another connection's
   * packet, stands alone; when a second one comes near to it, the capture had a hole.
   *
   * @param sinceNs since bytes were handed on
   */
  boolean foreign(int position, long sinceNs) {
    int distance = position - next;
    if (distance <= NEAR && distance >= -NEAR) {
      return false;
    }
    long ahead = distance & 0xffffffffL;
    boolean can = ahead <= WINDOW && ahead <= FASTEST * Math.min(sinceNs, LONGEST_NS);
    int fromFar = position - farAt;
    boolean second = farSeen && fromFar <= NEAR && fromFar >= -NEAR;
    farSeen = true;
    farAt = position;
    return !can && !second;
  }

  void acknowledge(int position) {
    if (!acknowledges || position - acknowledged > 0) {
      acknowledged = position;
      acknowledges = true;
    }
  }

  /**
   * The other end has everything before {@code position}: does that say that bytes passed which
   * were not captured? Then {@link #passed} goes on. Two acknowledgements must say so, because one
   * may have overtaken the bytes, or be damaged. A single byte counts only with others: it may be
   * the end of the direction.
   */
  boolean passedUnseen(int position, long timeNs) {
    if (begun && (!passedKnown || next - passed > 0)) {
      passed = next;
      passedKnown = true;
    }
    if (!passedKnown) {
      passed = position; // what came before is not known
      passedKnown = true;
      return false;
    }
    int upTo = finished && position - end > 0 ? end : position;
    if (upTo - passed <= 1) {
      return false;
    }
    boolean second = claimed && claim - passed > 1 && upTo - claim >= 0;
    if (second) {
      pass();
    }
    if (!second || upTo != claim) {
      claim = upTo;
      claimNs = timeNs;
      claimed = true;
    }
    return second;
  }

  /** As {@link #passedUnseen}, when nothing more comes: one acknowledgement is enough. */
  boolean passedUnseenAtEnd() {
    if (begun && next - passed > 0) {
      passed = next;
    }
    int unseen = claim - passed;
    if (!claimed || finished || unseen <= 1 || unseen > NEAR) {
      return false;
    }
    pass();
    return true;
  }

  private void pass() {
    passed = claim;
    passedNs = claimNs;
  }

  /** Did the other end confirm everything before {@code position}? */
  boolean confirmed(int position) {
    return acknowledges && acknowledged - position >= 0;
  }

  /** Position behind the last byte, -1 when it is not known. */
  long endPosition() {
    return finished ? end & 0xffffffffL : -1;
  }
}
