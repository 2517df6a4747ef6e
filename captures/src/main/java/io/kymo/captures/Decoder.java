package io.kymo.captures;

import io.kymo.collector.driver.pcap.flow.FlowTable;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounters;

/** From packets to rows. For one thread. */
final class Decoder {
  private static final int PACKETS_BETWEEN_LOOKS = 256;

  private final PacketCounters counters = new PacketCounters();
  private final Conversations conversations;
  private final FlowTable flows;
  private int packets;

  /**
   * @param firstId ids of connections count up from here
   */
  Decoder(Conversations conversations, long firstId, Bounds bounds) {
    this.conversations = conversations;
    this.flows =
        new FlowTable(conversations, counters, firstId, bounds.flows(), bounds.heldBytes());
  }

  void packet(Packet packet) {
    flows.packet(packet);
    if (++packets >= PACKETS_BETWEEN_LOOKS) {
      packets = 0;
      conversations.advance(flows.now());
    }
  }

  /** The capture ends here, and with it all that is open. */
  void finish() {
    flows.finish();
    conversations.finish();
    packets = 0;
  }

  PacketCounters counters() {
    return counters;
  }

  Conversations conversations() {
    return conversations;
  }
}
