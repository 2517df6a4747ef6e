package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.driver.pcap.packet.Packet;
import java.util.BitSet;
import java.util.Set;

/** The part of a scope that packets can be judged by. */
final class PortScope {
  /** Packets of this port there are none. */
  static final Scope NOTHING =
      new Scope(Set.of(), Set.of(), Set.of(), Set.of(), Set.of(0), Set.of());

  private final BitSet wanted = new BitSet();
  private static final long LOOPBACK = Packet.V4_PREFIX | 0x7f000001L;

  private final BitSet excluded = new BitSet();
  private final BitSet own = new BitSet();
  private final boolean all;

  /**
   * @param driver for the message
   * @param namespaces whether network namespaces can be chosen
   * @throws DriverException when the scope has filters of which packets show nothing
   */
  PortScope(Scope scope, String driver, boolean namespaces) {
    refuse(!scope.pids().isEmpty(), "pid", driver);
    refuse(!scope.comms().isEmpty(), "comm", driver);
    refuse(!scope.cgroups().isEmpty(), "cgroup", driver);
    refuse(!namespaces && !scope.netns().isEmpty(), "netns", driver);
    fill(wanted, scope.ports());
    fill(excluded, scope.excludedPorts());
    if (namespaces && scope.netns().isEmpty()) { // in this process's own namespace
      fill(own, scope.ownPorts());
    }
    all = scope.ports().isEmpty();
  }

  private static void refuse(boolean asked, String kind, String driver) {
    if (asked) {
      throw new DriverException(
          "driver "
              + driver
              + " cannot apply filters of kind "
              + kind
              + ": packets do not show it; use port:N, or the drivers ebpf or kmod");
    }
  }

  private static void fill(BitSet set, Set<Integer> ports) {
    ports.forEach(set::set);
  }

  boolean admits(Packet packet) {
    return (all || wanted.get(packet.sourcePort) || wanted.get(packet.targetPort))
        && !excluded.get(packet.sourcePort)
        && !excluded.get(packet.targetPort)
        && !owned(packet);
  }

  private boolean owned(Packet packet) {
    return (packet.targetLow == LOOPBACK || packet.sourceLow == LOOPBACK)
        && (own.get(packet.sourcePort) || own.get(packet.targetPort));
  }
}
