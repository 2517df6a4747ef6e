package io.kymo.collector.driver.pcap.flow;

/** One direction of a flow: how far it was handed on, and what waits. Positions modulo 2^32. */
final class Stream {
  private static final HeldBytes NOTHING = new HeldBytes();

  boolean begun;

  /** The handshake showed its first position. */
  boolean fromStart;

  int first;
  int next;

  /** Positions before it were confirmed by the other end. */
  boolean acknowledges;

  int acknowledged;

  /** Position behind the last byte, once it is known. */
  boolean finished;

  int end;
  boolean shutdownTold;

  /** Of what was handed on last, ns. */
  long lastNs = Long.MIN_VALUE;

  /** The hole that was last stepped over: late bytes may fill it. */
  int holeFrom;

  int holeTo;

  /** UDP: the interface that its datagrams are taken from. */
  int seenOn = -1;

  long seenOnNs;

  /** UDP: bytes so far. */
  long counted;

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

  void acknowledge(int position) {
    if (!acknowledges || position - acknowledged > 0) {
      acknowledged = position;
      acknowledges = true;
    }
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
