package io.kymo.collector.connection;

/**
 * Connections by id: open addressing with linear probing, sized once. When it is full, the one that
 * was idle for longest among the next few gives way. For one thread; allocates only what {@link
 * #create} returns.
 */
public final class ConnectionTable {
  /** Candidates looked at to find one that gives way. */
  private static final int CANDIDATES = 8;

  private final Connection[] slots;
  private final int mask;
  private final int capacity;
  private int size;
  private int hand;

  /**
   * @param capacity most connections at a time
   */
  public ConnectionTable(int capacity) {
    this.capacity = capacity;
    int length = Integer.highestOneBit(capacity) << 2; // at most half full
    this.slots = new Connection[length];
    this.mask = length - 1;
  }

  public int size() {
    return size;
  }

  /** Returns null when the id is not known. */
  public Connection get(long id) {
    for (int i = home(id); ; i = (i + 1) & mask) {
      Connection connection = slots[i];
      if (connection == null || connection.id() == id) {
        return connection;
      }
    }
  }

  /** True when the next {@link #create} needs {@link #victim} to be removed first. */
  public boolean full() {
    return size >= capacity;
  }

  /** One that has been idle for long, to be removed; the table must not be empty. */
  public Connection victim() {
    Connection oldest = null;
    for (int looked = 0; looked < CANDIDATES || oldest == null; ) {
      Connection candidate = slots[hand];
      hand = (hand + 1) & mask;
      if (candidate == null) {
        continue;
      }
      looked++;
      if (oldest == null || candidate.lastSeenNanos() - oldest.lastSeenNanos() < 0) {
        oldest = candidate;
      }
    }
    return oldest;
  }

  /** Adds a connection whose id is not in the table; the table must not be full. */
  public Connection create(long id, int transport, boolean datagramSocket, long nowNanos) {
    if (full()) {
      throw new IllegalStateException("full");
    }
    Connection connection = Connection.of(id, transport, datagramSocket);
    connection.seen(nowNanos);
    int i = home(id);
    while (slots[i] != null) {
      i = (i + 1) & mask;
    }
    slots[i] = connection;
    size++;
    return connection;
  }

  /** Removes a connection that is in the table. */
  public void remove(Connection connection) {
    int i = home(connection.id());
    while (slots[i] != connection) {
      if (slots[i] == null) {
        throw new IllegalStateException("not in the table");
      }
      i = (i + 1) & mask;
    }
    connection.unlink();
    size--;
    closeHole(i);
  }

  /** Slots, for sweeping: {@link #slot} of 0 … slots()-1; removal may move later ones back. */
  public int slots() {
    return slots.length;
  }

  /** Returns null when the slot is free. */
  public Connection slot(int index) {
    return slots[index];
  }

  /** Moves later entries of the probe sequence back (Knuth, volume 3, section 6.4, algorithm R). */
  private void closeHole(int hole) {
    int free = hole;
    slots[free] = null;
    for (int i = (free + 1) & mask; slots[i] != null; i = (i + 1) & mask) {
      int home = home(slots[i].id());
      if (((i - home) & mask) >= ((i - free) & mask)) {
        slots[free] = slots[i];
        slots[i] = null;
        free = i;
      }
    }
  }

  private int home(long id) {
    long hash = id * 0x9e3779b97f4a7c15L; // Fibonacci hashing: inodes count up
    return (int) (hash >>> 32) & mask;
  }
}
