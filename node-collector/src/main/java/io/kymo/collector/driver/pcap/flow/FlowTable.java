package io.kymo.collector.driver.pcap.flow;

import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;

/**
 * Puts packets together to flows and tells what happens to them. Time is that of the packets. For
 * one thread.
 */
public final class FlowTable {
  private static final long TCP_IDLE_NS = 600_000_000_000L;
  private static final long UDP_IDLE_NS = 60_000_000_000L;
  private static final long ENDED_NS = 5_000_000_000L; // for what comes late
  private static final long SAME_INTERFACE_NS = 1_000_000_000L;
  private static final long TICK_NS = 100_000_000L;
  private static final long HELD_BYTES = 64L << 20;

  private final FlowListener listener;
  private final PacketCounters counters;
  private final int most;
  private final TcpOrder order;
  private final FlowMap flows = new FlowMap();
  private final Recency tcp = new Recency(TCP_IDLE_NS);
  private final Recency udp = new Recency(UDP_IDLE_NS);
  private final Recency ended = new Recency(ENDED_NS);
  private final long idBase;
  private long ids;
  private long now = Long.MIN_VALUE;
  private long tickAt = Long.MIN_VALUE;

  /**
   * @param idBase ids count up from here
   * @param most flows at a time; beyond it the one not seen for longest is given up, and counted
   */
  public FlowTable(FlowListener listener, PacketCounters counters, long idBase, int most) {
    this(listener, counters, idBase, most, HELD_BYTES);
  }

  /**
   * @param idBase ids count up from here
   * @param most flows at a time; beyond it the one not seen for longest is given up, and counted
   * @param heldBytes of segments that wait for earlier ones; beyond it holes are given up
   */
  public FlowTable(
      FlowListener listener, PacketCounters counters, long idBase, int most, long heldBytes) {
    this.listener = listener;
    this.counters = counters;
    this.idBase = idBase;
    this.most = most;
    this.order = new TcpOrder(listener, counters, heldBytes);
  }

  /** Takes one packet in. */
  public void packet(Packet packet) {
    if (packet.timeNs > now) {
      advance(packet.timeNs);
    }
    if (packet.protocol == Packet.TCP) {
      segment(packet);
    } else {
      datagram(packet);
    }
  }

  /** Time has come to {@code timeNs}: what waited for too long ends. */
  public void advance(long timeNs) {
    now = timeNs;
    if (now >= tickAt) {
      tickAt = now + TICK_NS;
      order.giveUp(now);
      expire(tcp);
      expire(udp);
      expire(ended);
    }
  }

  /** Time of the latest packet. */
  public long now() {
    return now;
  }

  /** Flows that are open, or ended a short while ago. */
  public int size() {
    return flows.size();
  }

  /** The capture ends here: everything that is open ends with it. */
  public void finish() {
    for (Recency list : new Recency[] {tcp, udp, ended}) {
      while (list.oldest() != null) {
        forget(list.oldest(), now);
      }
    }
    now = Long.MIN_VALUE;
    tickAt = Long.MIN_VALUE;
  }

  private void segment(Packet packet) {
    Flow flow = flows.get(packet);
    boolean syn = (packet.flags & Packet.SYN) != 0;
    if (flow != null && syn && isAnother(flow, packet)) {
      forget(flow, packet.timeNs);
      flow = null;
    }
    if (flow == null) {
      if (!syn && packet.length == 0) {
        return; // the rest of a connection of which nothing more will be known
      }
      flow = add(packet);
    }
    flow.lastNs = packet.timeNs;
    (flow.ended ? ended : tcp).touch(flow);
    order.segment(flow, packet);
    if (flow.ended && flow.recency != ended) {
      ended.touch(flow);
    }
  }

  /** The ports are used again; not the same handshake seen elsewhere, by a clock that lags. */
  private static boolean isAnother(Flow flow, Packet packet) {
    Stream stream = flow.stream(flow.directionOf(packet));
    boolean same = stream.begun && stream.first == packet.sequence + 1;
    return flow.ended ? flow.refused || !same : stream.begun && !same;
  }

  private void datagram(Packet packet) {
    Flow flow = flows.get(packet);
    if (flow == null) {
      flow = add(packet);
      flow.told = true;
      listener.began(flow, packet.timeNs);
    }
    flow.lastNs = packet.timeNs;
    udp.touch(flow);
    int direction = flow.directionOf(packet);
    Stream stream = flow.stream(direction);
    int seenOn = packet.seenOn << 2 | packet.heading;
    if (stream.seenOn != seenOn) {
      if (stream.seenOn != -1 && packet.timeNs - stream.seenOnNs < SAME_INTERFACE_NS) {
        counters.add(PacketCounter.DUPLICATE_DATAGRAMS, 1);
        return;
      }
      stream.seenOn = seenOn;
    }
    stream.seenOnNs = packet.timeNs;
    boolean burst = flow.lastDirection != direction;
    flow.lastDirection = direction;
    long position = stream.counted;
    stream.counted += packet.length;
    listener.datagram(
        flow,
        direction,
        packet.timeNs,
        position,
        packet.length,
        packet.bytes,
        packet.offset,
        packet.captured,
        burst);
  }

  private Flow add(Packet packet) {
    if (flows.size() >= most) {
      Recency fullest = ended.oldest() != null ? ended : udp.oldest() != null ? udp : tcp;
      if (fullest == udp && tcp.oldest() != null && tcp.oldest().lastNs < udp.oldest().lastNs) {
        fullest = tcp;
      }
      if (!fullest.oldest().ended) {
        counters.add(PacketCounter.FLOWS_EVICTED, 1);
      }
      forget(fullest.oldest(), packet.timeNs);
    }
    Flow flow = new Flow(idBase + ++ids, packet);
    flows.add(flow);
    counters.add(PacketCounter.FLOWS, 1);
    return flow;
  }

  private void expire(Recency list) {
    while (list.oldest() != null && now - list.oldest().lastNs > list.idleNs) {
      forget(list.oldest(), now);
    }
  }

  private void forget(Flow flow, long timeNs) {
    if (!flow.ended) {
      if (flow.tcp()) {
        order.end(flow, timeNs, FlowListener.End.CLOSED, 0);
      } else {
        flow.ended = true;
        listener.ended(
            flow, timeNs, FlowListener.End.CLOSED, 0, flow.ingress.counted, flow.egress.counted);
      }
    }
    flow.recency.remove(flow);
    flows.remove(flow);
  }
}
