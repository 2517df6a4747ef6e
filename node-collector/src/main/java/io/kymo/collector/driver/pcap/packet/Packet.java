package io.kymo.collector.driver.pcap.packet;

/**
 * One TCP segment or UDP datagram. A flyweight: valid until the next one is decoded. Addresses are
 * two words in network order; IPv4 has the form of an IPv4-mapped IPv6 address.
 */
public final class Packet {
  public static final int TCP = 6;
  public static final int UDP = 17;

  public static final int FIN = 1;
  public static final int SYN = 2;
  public static final int RST = 4;
  public static final int ACK = 16;

  /** Second word of the address ::ffff:0.0.0.0. */
  public static final long V4_PREFIX = 0xffff_0000_0000L;

  /** ns since the epoch. */
  public long timeNs;

  /** {@link #TCP} or {@link #UDP}. */
  public int protocol;

  public boolean v6;
  public long sourceHigh;
  public long sourceLow;
  public long targetHigh;
  public long targetLow;
  public int sourcePort;
  public int targetPort;

  /** TCP: sequence number of the first byte, {@link #FIN} and so on, next expected byte. */
  public int sequence;

  public int flags;
  public int acknowledged;

  /** Bytes of payload on the wire, and those that were captured, with their place in memory. */
  public int length;

  public int captured;
  public byte[] bytes = new byte[0];
  public int offset;

  /** As in the frame. */
  public int seenOn;

  public int heading;

  /**
   * Becomes a copy of another packet.
   *
   * @param memory takes its payload, at {@code at}
   */
  public void copy(Packet other, byte[] memory, int at) {
    timeNs = other.timeNs;
    protocol = other.protocol;
    v6 = other.v6;
    sourceHigh = other.sourceHigh;
    sourceLow = other.sourceLow;
    targetHigh = other.targetHigh;
    targetLow = other.targetLow;
    sourcePort = other.sourcePort;
    targetPort = other.targetPort;
    sequence = other.sequence;
    flags = other.flags;
    acknowledged = other.acknowledged;
    length = other.length;
    captured = other.captured;
    bytes = memory;
    offset = at;
    seenOn = other.seenOn;
    heading = other.heading;
    System.arraycopy(other.bytes, other.offset, memory, at, other.captured);
  }

  /** The same for both directions of a connection. */
  public int flowHash() {
    long addresses = (sourceHigh ^ targetHigh) * 31 + (sourceLow ^ targetLow);
    long sum = sourceLow + targetLow; // addresses that differ in few bits
    long ports = (long) sourcePort * targetPort + sourcePort + targetPort;
    long hash = (addresses ^ sum * 0x9e3779b97f4a7c15L) + ports * 0xbf58476d1ce4e5b9L + protocol;
    hash = (hash ^ hash >>> 29) * 0x94d049bb133111ebL;
    return (int) (hash >>> 32);
  }
}
