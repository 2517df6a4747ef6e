package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.driver.pcap.flow.FlowTable;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;

/** What drivers of packets have in common: scope, flows, events, counters. */
abstract class PacketDriver implements Driver {
  private final FlowEvents events;
  private final String word;
  private final boolean namespaces;
  private volatile PortScope scope;
  final PacketCounters counters = new PacketCounters();
  final FlowTable flows;

  /**
   * @param word how users write this driver
   * @param namespaces whether a network namespace can be chosen
   */
  PacketDriver(DriverSettings settings, String word, boolean namespaces) {
    this.word = word;
    this.namespaces = namespaces;
    this.scope = new PortScope(settings.scope(), word, namespaces);
    this.events = new FlowEvents(settings.segmentBytes());
    // so that two runs have no connection in common; no inode has so high a number, no plaintext so
    // low a one
    long firstId = 1L << 61 | System.currentTimeMillis() << 20;
    this.flows = new FlowTable(events, counters, firstId, Math.max(1, settings.maxSockets() / 2));
  }

  final void handler(EventHandler handler) {
    events.handler(handler);
  }

  final void packet(Packet packet) {
    if (scope.admits(packet)) {
      flows.packet(packet);
    } else {
      counters.add(PacketCounter.OUT_OF_SCOPE, 1);
    }
  }

  /** Events handed on so far. */
  final long handedOn() {
    return events.events();
  }

  /** Packets that the kernel had no room for. */
  abstract long dropped();

  @Override
  public final boolean packets() {
    return true;
  }

  @Override
  public final int cpus() {
    return 1;
  }

  /** How long packets that were dropped are is not known: only their number is. */
  @Override
  public void counters(KernelCounters into) {
    long dropped = dropped();
    into.set(0, KernelCounter.EVENTS, events.events());
    into.set(0, KernelCounter.SEEN_SEGMENTS, events.segments() + dropped);
    into.set(0, KernelCounter.SEEN_BYTES, events.bytes());
    into.set(0, KernelCounter.PAYLOAD_BYTES, events.payloadBytes());
    into.set(0, KernelCounter.LOST_RING_EVENTS, dropped);
    into.set(0, KernelCounter.LOST_RING_SEGMENTS, dropped);
  }

  @Override
  public void excludeProcess(int tgid, boolean leaveOut) {
    // packets do not show processes: Kymo's own ports are left out instead
  }

  @Override
  public void scope(Scope wanted) {
    scope = new PortScope(wanted, word, namespaces);
  }
}
