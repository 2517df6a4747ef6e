package io.kymo.captures;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Packets made by hand: each method wraps what is inside of it. */
final class Packets {
  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int ACK = 16;

  static final byte[] CLIENT = {10, 0, 0, 1};
  static final byte[] SERVER = {10, 0, 0, 2};
  static final byte[] CLIENT_6 = six(1);
  static final byte[] SERVER_6 = six(2);

  private Packets() {}

  private static byte[] six(int last) {
    byte[] address = new byte[16];
    address[0] = (byte) 0xfd;
    address[15] = (byte) last;
    return address;
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] hex(String hex) {
    return java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  static byte[] tcp(int from, int to, long sequence, long ack, int flags, byte[] payload) {
    ByteBuffer header = ByteBuffer.allocate(20);
    header.putShort((short) from).putShort((short) to).putInt((int) sequence).putInt((int) ack);
    header.put((byte) 0x50).put((byte) flags).putShort((short) 0xffff).putInt(0);
    return join(header.array(), payload);
  }

  static byte[] udp(int from, int to, byte[] payload) {
    ByteBuffer header = ByteBuffer.allocate(8);
    header.putShort((short) from).putShort((short) to).putShort((short) (8 + payload.length));
    return join(header.array(), payload);
  }

  static byte[] ip4(byte[] from, byte[] to, int protocol, byte[] payload) {
    return fragment4(from, to, protocol, 0, 0, false, payload);
  }

  static byte[] fragment4(
      byte[] from, byte[] to, int protocol, int id, int place, boolean more, byte[] payload) {
    ByteBuffer header = ByteBuffer.allocate(20);
    header.put((byte) 0x45).put((byte) 0).putShort((short) (20 + payload.length));
    header.putShort((short) id).putShort((short) (place / 8 | (more ? 0x2000 : 0)));
    header.put((byte) 64).put((byte) protocol).putShort((short) 0).put(from).put(to);
    return join(header.array(), payload);
  }

  static byte[] ip6(byte[] from, byte[] to, int next, byte[] payload) {
    ByteBuffer header = ByteBuffer.allocate(40);
    header.putInt(0x60000000).putShort((short) payload.length).put((byte) next).put((byte) 64);
    return join(header.put(from).put(to).array(), payload);
  }

  static byte[] ethernet(int type, byte[] payload) {
    return join(
        hex("0200000000020200000000 01"),
        ByteBuffer.allocate(2).putShort((short) type).array(),
        payload);
  }

  /** Client's segment in Ethernet. */
  static byte[] toServer(int port, long sequence, long ack, int flags, String payload) {
    return ethernet(
        0x0800, ip4(CLIENT, SERVER, 6, tcp(port, 80, sequence, ack, flags, text(payload))));
  }

  /** Server's segment in Ethernet. */
  static byte[] toClient(int port, long sequence, long ack, int flags, String payload) {
    return ethernet(
        0x0800, ip4(SERVER, CLIENT, 6, tcp(80, port, sequence, ack, flags, text(payload))));
  }
}
