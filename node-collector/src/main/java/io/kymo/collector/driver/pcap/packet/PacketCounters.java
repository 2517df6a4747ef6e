package io.kymo.collector.driver.pcap.packet;

/** Counts of one thread. */
public final class PacketCounters {
  private final long[] values = new long[PacketCounter.values().length];

  public void add(PacketCounter counter, long count) {
    values[counter.ordinal()] += count;
  }

  public long get(PacketCounter counter) {
    return values[counter.ordinal()];
  }

  /** Those that are not 0, for people. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (PacketCounter counter : PacketCounter.values()) {
      if (get(counter) != 0) {
        text.append(text.isEmpty() ? "" : " ")
            .append(counter.id())
            .append('=')
            .append(get(counter));
      }
    }
    return text.toString();
  }

  /** Adds what another thread counted, which must have ended. */
  public void addAll(PacketCounters other) {
    for (int i = 0; i < values.length; i++) {
      values[i] += other.values[i];
    }
  }
}
