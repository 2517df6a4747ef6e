package io.kymo.protocol.postgres;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** What the server has yet to answer, in the order in which the client asked. A ring that grows. */
final class Expected {
  /** Nothing. */
  static final int NONE = 0;

  /** One byte: to an SSLRequest. */
  static final int SSL = 1;

  /** One byte: to a GSSENCRequest. */
  static final int GSSENC = 2;

  /** All up to the first ReadyForQuery: to the startup message. */
  static final int LOGIN = 3;

  /** All up to the next ReadyForQuery: to a Query, a FunctionCall. */
  static final int UNTIL_READY = 4;

  /** CommandComplete, EmptyQueryResponse or PortalSuspended: to an Execute and what prepared it. */
  static final int EXECUTE = 5;

  /** A number of confirmations: to Parse, Bind, Describe, Close without Execute. */
  static final int PREPARE = 6;

  /** ReadyForQuery: to a Sync. */
  static final int SYNC = 7;

  /** ReadyForQuery perhaps: the end of the burst was not captured. */
  static final int PERHAPS_SYNC = 8;

  /** As UNTIL_READY, to a request whose burst was cut: had it no Sync, the next one's ends it. */
  static final int CUT = 9;

  private static final int KIND_BITS = 4;
  private static final int KIND = (1 << KIND_BITS) - 1;

  /** Four times as many as requests that the driver lets wait. */
  private static final int MOST = 16_384;

  private int[] ring = new int[4];
  private int head;
  private int size;

  static boolean isRequest(int kind) {
    return kind >= LOGIN && kind <= PREPARE || kind == CUT;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /**
   * @param count of confirmations
   * @return false when there is no room
   */
  boolean add(int kind, int count) {
    if (size == MOST) {
      return false;
    }
    if (size == ring.length) {
      int[] larger = new int[size * 2];
      for (int i = 0; i < size; i++) {
        larger[i] = at(i);
      }
      ring = larger;
      head = 0;
    }
    ring[(head + size++) & (ring.length - 1)] = kind | count << KIND_BITS;
    return true;
  }

  private int at(int i) {
    return ring[(head + i) & (ring.length - 1)];
  }

  /** Kind of the oldest. */
  int first() {
    return size == 0 ? NONE : at(0) & KIND;
  }

  /** Kind of the youngest. */
  int last() {
    return size == 0 ? NONE : at(size - 1) & KIND;
  }

  /** Takes one confirmation off the oldest; true when it was the last. */
  boolean confirmed() {
    int entry = at(0) - (1 << KIND_BITS);
    ring[head] = entry;
    return entry >> KIND_BITS <= 0;
  }

  void remove() {
    head = (head + 1) & (ring.length - 1);
    size--;
  }

  /**
   * Requests behind the oldest that the next ReadyForQuery ends with it.
   *
   * @return -1 when nothing is there that it would answer
   */
  int untilReady() {
    int ready = ready();
    int requests = 0;
    for (int i = 1; i <= ready; i++) {
      requests += isSync(at(i) & KIND) ? 0 : 1;
    }
    return ready < 0 ? -1 : requests;
  }

  /** Takes the oldest off, and all up to what the next ReadyForQuery answers. */
  void removeUntilReady() {
    for (int n = ready() + 1; n > 0; n--) {
      remove();
    }
  }

  // a certain Sync rather than one that perhaps was sent before it: the client would have waited
  private int ready() {
    int perhaps = -1;
    for (int i = 1; i < size; i++) {
      int kind = at(i) & KIND;
      if (kind == SYNC || kind == UNTIL_READY || kind == CUT) {
        return i;
      }
      if (kind == PERHAPS_SYNC) {
        perhaps = i;
      }
    }
    return perhaps;
  }

  private static boolean isSync(int kind) {
    return kind == SYNC || kind == PERHAPS_SYNC;
  }

  void clear() {
    size = 0;
    head = 0;
    ring = new int[4];
  }

  int weight() {
    return ring.length * 4;
  }

  void save(DataOutput out) throws IOException {
    out.writeInt(size);
    for (int i = 0; i < size; i++) {
      out.writeInt(at(i));
    }
  }

  void load(DataInput in) throws IOException {
    clear();
    for (int n = in.readInt(); n > 0; n--) {
      int entry = in.readInt();
      add(entry & KIND, entry >> KIND_BITS);
    }
  }
}
