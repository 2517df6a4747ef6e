package io.kymo.captures;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes blocks of the newer format. */
final class PcapngWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteOrder order;

  PcapngWriter(ByteOrder order) {
    this.order = order;
    section();
  }

  PcapngWriter section() {
    return block(
        0x0a0d0d0a,
        buffer(16).putInt(0x1a2b3c4d).putShort((short) 1).putShort((short) 0).putLong(-1).array());
  }

  /**
   * @param options as they stand there
   */
  PcapngWriter described(int linkType, int snapLength, byte[] options) {
    byte[] fixed =
        buffer(8).putShort((short) linkType).putShort((short) 0).putInt(snapLength).array();
    return block(1, Packets.join(fixed, options));
  }

  PcapngWriter packet(int seenOn, long ticks, byte[] packet, byte[] options) {
    byte[] fixed =
        buffer(20)
            .putInt(seenOn)
            .putInt((int) (ticks >>> 32))
            .putInt((int) ticks)
            .putInt(packet.length)
            .putInt(packet.length)
            .array();
    return block(6, Packets.join(fixed, padded(packet), options));
  }

  PcapngWriter oldPacket(int seenOn, long ticks, byte[] packet) {
    byte[] fixed =
        buffer(20)
            .putShort((short) seenOn)
            .putShort((short) 0)
            .putInt((int) (ticks >>> 32))
            .putInt((int) ticks)
            .putInt(packet.length)
            .putInt(packet.length)
            .array();
    return block(2, Packets.join(fixed, padded(packet)));
  }

  PcapngWriter simplePacket(byte[] packet) {
    return block(3, Packets.join(buffer(4).putInt(packet.length).array(), padded(packet)));
  }

  byte[] option(int code, byte[] value) {
    byte[] head = buffer(4).putShort((short) code).putShort((short) value.length).array();
    return Packets.join(head, padded(value));
  }

  ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(order);
  }

  PcapngWriter block(int type, byte[] body) {
    int total = 12 + body.length;
    out.writeBytes(buffer(8).putInt(type).putInt(total).array());
    out.writeBytes(body);
    out.writeBytes(buffer(4).putInt(total).array());
    return this;
  }

  PcapngWriter raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  private static byte[] padded(byte[] bytes) {
    return java.util.Arrays.copyOf(bytes, (bytes.length + 3) / 4 * 4);
  }
}
