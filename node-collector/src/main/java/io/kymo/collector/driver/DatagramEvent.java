package io.kymo.collector.driver;

/**
 * Flyweight over one datagram (struct kymo_datagram): {@link DataEvent} with the peer that this
 * very call named, or the connected peer. A datagram larger than one event comes as several with
 * {@link #continued}.
 *
 * <pre>
 *  56 u64 peer_socket | 64 u8 peer_address[16] | 80 u16 peer_port | 82 u8 peer_address_length | 88 payload
 * </pre>
 */
public final class DatagramEvent extends DataEvent {
  public static final int TYPE = 2;
  public static final int PEER_SOCKET_OFFSET = 56;
  public static final int PEER_ADDRESS_OFFSET = 64;
  public static final int PEER_PORT_OFFSET = 80;
  public static final int PEER_ADDRESS_LENGTH_OFFSET = 82;
  public static final int PAYLOAD_OFFSET = 88;

  /** Unix: inode of the peer's socket, 0 when unknown. */
  public long peerSocket() {
    return buffer.getLong(offset + PEER_SOCKET_OFFSET);
  }

  /** 4, 16, or 0 when the call did not say who the peer was (or for Unix sockets). */
  public int peerAddressLength() {
    return buffer.get(offset + PEER_ADDRESS_LENGTH_OFFSET);
  }

  /** Copies {@link #peerAddressLength} bytes in network order. */
  public void peerAddress(byte[] target) {
    buffer.get(offset + PEER_ADDRESS_OFFSET, target, 0, peerAddressLength());
  }

  public int peerPort() {
    return buffer.getShort(offset + PEER_PORT_OFFSET) & 0xFFFF;
  }

  @Override
  boolean sound(int available) {
    int length = available < PAYLOAD_OFFSET ? -1 : peerAddressLength();
    return (length == 0 || length == 4 || length == 16) && super.sound(available);
  }

  @Override
  public int payloadOffset() {
    return offset + PAYLOAD_OFFSET;
  }
}
