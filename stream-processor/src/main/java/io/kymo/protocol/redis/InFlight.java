package io.kymo.protocol.redis;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What the commands in flight will be answered with. Neighbours of the same kind are counted, not
 * listed: a pipeline of a million SETs is one entry.
 */
final class InFlight {
  static final int NONE = -1;
  static final int PLAIN = 0;

  /**
   * The six kinds of (un)subscribing, each answered by as many confirmations as it names channels.
   */
  static final int SUBSCRIBE = 1;

  static final int PSUBSCRIBE = 2;
  static final int SSUBSCRIBE = 3;
  static final int UNSUBSCRIBE = 4;
  static final int PUNSUBSCRIBE = 5;
  static final int SUNSUBSCRIBE = 6;
  static final int MONITOR = 7;

  /** SYNC, PSYNC: replication follows. */
  static final int REPLICATION = 8;

  static final int RESET = 9;

  private static final int MAX_ENTRIES = 4096;

  private byte[] kinds = new byte[4];
  private int[] counts = new int[4];
  private int head;
  private int size;

  int oldest() {
    return size == 0 ? NONE : kinds[head];
  }

  /** Is the oldest to be confirmed as often as there are subscriptions? */
  boolean forAll() {
    return size > 0 && counts[head] == 0;
  }

  /**
   * @param count how many answers will come; 0 for one or more
   */
  void sent(int kind, int count) {
    if (size > 0 && kind == PLAIN && kinds[at(size - 1)] == PLAIN) {
      counts[at(size - 1)]++;
      return;
    }
    if (size == MAX_ENTRIES) {
      head = at(1); // the answers were never seen
      size--;
    }
    if (size == kinds.length) {
      grow();
    }
    kinds[at(size)] = (byte) kind;
    counts[at(size)] = count;
    size++;
  }

  /** One answer came for the oldest. */
  void answered() {
    if (size > 0 && (--counts[head] <= 0 || kinds[head] != PLAIN)) {
      head = at(1);
      size--;
    }
  }

  /**
   * One confirmation came for the oldest.
   *
   * @return true when it was the last
   */
  boolean confirmed() {
    if (--counts[head] > 0) {
      return false;
    }
    answered();
    return true;
  }

  void forget() {
    head = 0;
    size = 0;
  }

  int weight() {
    return kinds.length * 5;
  }

  void save(DataOutput out) throws IOException {
    out.writeShort(size);
    for (int i = 0; i < size; i++) {
      out.writeByte(kinds[at(i)]);
      out.writeInt(counts[at(i)]);
    }
  }

  void load(DataInput in) throws IOException {
    forget();
    int n = in.readShort();
    for (int i = 0; i < n; i++) {
      sentAsIs(in.readByte(), in.readInt());
    }
  }

  private void sentAsIs(byte kind, int count) {
    if (size == kinds.length) {
      grow();
    }
    kinds[at(size)] = kind;
    counts[at(size)] = count;
    size++;
  }

  private int at(int i) {
    return (head + i) & kinds.length - 1;
  }

  private void grow() {
    byte[] k = new byte[size * 2];
    int[] c = new int[size * 2];
    for (int i = 0; i < size; i++) {
      k[i] = kinds[at(i)];
      c[i] = counts[at(i)];
    }
    kinds = k;
    counts = c;
    head = 0;
  }
}
