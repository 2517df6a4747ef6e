package io.kymo.captures;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes the classic format. */
final class PcapWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteOrder order;
  private final boolean nanos;
  private final int snapLength;

  PcapWriter(int linkType) {
    this(linkType, ByteOrder.LITTLE_ENDIAN, true, 262_144);
  }

  PcapWriter(int linkType, ByteOrder order, boolean nanos, int snapLength) {
    this.order = order;
    this.nanos = nanos;
    this.snapLength = snapLength;
    ByteBuffer header = ByteBuffer.allocate(24).order(order);
    header.putInt(nanos ? 0xa1b23c4d : 0xa1b2c3d4).putShort((short) 2).putShort((short) 4);
    out.writeBytes(header.putLong(0).putInt(snapLength).putInt(linkType).array());
  }

  PcapWriter packet(long timeNs, byte[] packet) {
    int captured = Math.min(packet.length, snapLength);
    ByteBuffer header = ByteBuffer.allocate(16).order(order);
    header.putInt((int) (timeNs / 1_000_000_000L));
    header.putInt((int) (timeNs % 1_000_000_000L / (nanos ? 1 : 1000)));
    out.writeBytes(header.putInt(captured).putInt(packet.length).array());
    out.write(packet, 0, captured);
    return this;
  }

  PcapWriter raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
