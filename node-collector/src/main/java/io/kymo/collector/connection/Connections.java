package io.kymo.collector.connection;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;

/** The table with its rules: who gives way when it is full, and who goes together. */
final class Connections {
  private final ConnectionTable table;
  private final Counters counters;

  Connections(ConnectionTable table, Counters counters) {
    this.table = table;
    this.counters = counters;
  }

  int size() {
    return table.size();
  }

  boolean full() {
    return table.full();
  }

  /** Returns null when the id is not known. */
  Connection get(long id) {
    return table.get(id);
  }

  /**
   * Adds a connection whose id is not known yet.
   *
   * @param keep does not give way for it; may be null
   */
  Connection create(
      long id, int transport, boolean datagramSocket, Connection keep, long nowNanos) {
    while (table.full()) {
      Connection victim = table.victim();
      if (victim != keep) {
        int before = table.size();
        remove(victim);
        counters.add(CollectorCounter.CONNECTIONS_EVICTED, before - table.size());
      }
    }
    counters.increment(CollectorCounter.CONNECTIONS_SEEN);
    return table.create(id, transport, datagramSocket, nowNanos);
  }

  /** Removes a connection, and a datagram socket's conversations with it. */
  void remove(Connection connection) {
    while (connection.datagramSocket() && connection.next() != null) {
      table.remove(connection.next());
    }
    table.remove(connection);
  }

  /** Slots, for sweeping; removal may move a later one to the same slot. */
  int slots() {
    return table.slots();
  }

  /** Returns null when the slot is free. */
  Connection slot(int index) {
    return table.slot(index);
  }
}
