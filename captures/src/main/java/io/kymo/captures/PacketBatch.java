package io.kymo.captures;

import io.kymo.collector.driver.pcap.packet.Packet;

/** Packets with their payloads on the way from the reader to a decoder; used again and again. */
final class PacketBatch {
  private static final int MOST = 1024;
  private static final int BYTES = 512 << 10;

  private final Packet[] packets = new Packet[MOST];
  private byte[] bytes = new byte[BYTES];
  private int count;
  private int used;

  /** The capture ends with this batch. */
  boolean last;

  /** And no other one follows. */
  boolean finalOne;

  PacketBatch() {
    for (int i = 0; i < MOST; i++) {
      packets[i] = new Packet();
    }
  }

  void clear() {
    count = 0;
    used = 0;
    last = false;
    finalOne = false;
  }

  int count() {
    return count;
  }

  Packet packet(int i) {
    return packets[i];
  }

  /** False when there is no room. */
  boolean add(Packet packet) {
    if (count == MOST || bytes.length - used < packet.captured) {
      if (count > 0) {
        return false;
      }
      bytes = new byte[packet.captured]; // larger than a batch
    }
    packets[count++].copy(packet, bytes, used);
    used += packet.captured;
    return true;
  }
}
