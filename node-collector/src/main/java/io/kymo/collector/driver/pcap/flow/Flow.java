package io.kymo.collector.driver.pcap.flow;

import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.schemas.Role;
import java.nio.ByteBuffer;

/**
 * A TCP connection, or the datagrams between two UDP endpoints. One end counts as local: the
 * capturing host where the capture tells directions; else the server, as far as the handshake or
 * the ports show it.
 */
public final class Flow {
  public static final int INGRESS = 0;
  public static final int EGRESS = 1;
  static final int NO_DIRECTION = -1;

  private final long id;
  private final boolean tcp;
  private final boolean v6;
  private final long localHigh;
  private final long localLow;
  private final long remoteHigh;
  private final long remoteLow;
  private final int localPort;
  private final int remotePort;
  private final Role role;
  final long openedNs;

  /** Whatever the listener wants to find again; not touched here. */
  public Object attachment;

  final Stream ingress;
  final Stream egress;
  int lastDirection = NO_DIRECTION;
  long lastNs;
  boolean told;
  boolean refused;
  boolean ended;

  // chains of FlowTable
  int hash;
  Flow inBucket;
  Flow older;
  Flow newer;
  Recency recency;
  boolean waits;

  /**
   * @param packet the first one that was seen
   */
  Flow(long id, Packet packet) {
    this.id = id;
    this.hash = packet.flowHash();
    this.tcp = packet.protocol == Packet.TCP;
    this.v6 = packet.v6;
    this.openedNs = packet.timeNs;
    boolean fromClient = tcp && (packet.flags & (Packet.SYN | Packet.ACK)) == Packet.SYN;
    boolean fromServer =
        tcp && (packet.flags & (Packet.SYN | Packet.ACK)) == (Packet.SYN | Packet.ACK);
    boolean sourceIsLocal = sourceIsLocal(packet, fromClient, fromServer);
    if (sourceIsLocal) {
      localHigh = packet.sourceHigh;
      localLow = packet.sourceLow;
      localPort = packet.sourcePort;
      remoteHigh = packet.targetHigh;
      remoteLow = packet.targetLow;
      remotePort = packet.targetPort;
    } else {
      localHigh = packet.targetHigh;
      localLow = packet.targetLow;
      localPort = packet.targetPort;
      remoteHigh = packet.sourceHigh;
      remoteLow = packet.sourceLow;
      remotePort = packet.sourcePort;
    }
    role =
        fromClient
            ? (sourceIsLocal ? Role.CLIENT : Role.SERVER)
            : fromServer ? (sourceIsLocal ? Role.SERVER : Role.CLIENT) : Role.UNKNOWN;
    ingress = new Stream();
    egress = new Stream();
  }

  private static boolean sourceIsLocal(Packet packet, boolean fromClient, boolean fromServer) {
    if (packet.heading != Frame.UNKNOWN) {
      return packet.heading == Frame.OUTBOUND;
    }
    if (fromClient || fromServer) {
      return fromServer;
    }
    return packet.sourcePort < packet.targetPort; // servers' ports are low
  }

  /** Unique among the flows of one table. */
  public long id() {
    return id;
  }

  public boolean tcp() {
    return tcp;
  }

  /** Of the local end. */
  public Role role() {
    return role;
  }

  public int localPort() {
    return localPort;
  }

  public int remotePort() {
    return remotePort;
  }

  /** When its first packet was seen, ns since the epoch. */
  public long openedNs() {
    return openedNs;
  }

  /** TCP: was the handshake seen? UDP has none. */
  public boolean fromStart() {
    return !tcp || ingress.fromStart || egress.fromStart;
  }

  /** The server did not want it: it never was open. */
  public boolean refused() {
    return refused;
  }

  /** Position of the first byte of a direction, -1 when the handshake did not show it. */
  public long firstPosition(int direction) {
    Stream stream = stream(direction);
    return tcp && stream.fromStart ? stream.first & 0xffffffffL : tcp ? -1 : 0;
  }

  /** A copy, 4 or 16 bytes. */
  public ByteBuffer localAddress() {
    return address(localHigh, localLow);
  }

  /** A copy, 4 or 16 bytes. */
  public ByteBuffer remoteAddress() {
    return address(remoteHigh, remoteLow);
  }

  /** 4 or 16. */
  public int addressLength() {
    return v6 ? 16 : 4;
  }

  private ByteBuffer address(long high, long low) {
    return v6
        ? ByteBuffer.allocate(16).putLong(high).putLong(low).flip()
        : ByteBuffer.allocate(4).putInt((int) low).flip();
  }

  Stream stream(int direction) {
    return direction == INGRESS ? ingress : egress;
  }

  /** Does the packet belong to it, in one direction or the other? */
  boolean matches(Packet p) {
    return tcp == (p.protocol == Packet.TCP)
        && (directionOf(p) == EGRESS
            ? p.targetPort == remotePort && p.targetLow == remoteLow && p.targetHigh == remoteHigh
            : p.sourcePort == remotePort
                && p.sourceLow == remoteLow
                && p.sourceHigh == remoteHigh
                && p.targetPort == localPort
                && p.targetLow == localLow
                && p.targetHigh == localHigh);
  }

  /** Of a packet that belongs to it. */
  int directionOf(Packet p) {
    return p.sourcePort == localPort && p.sourceLow == localLow && p.sourceHigh == localHigh
        ? EGRESS
        : INGRESS;
  }
}
