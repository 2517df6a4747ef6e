package io.kymo.collector.driver;

/**
 * Flyweight over a socket's facts (struct kymo_socket): told at connect and accept, else before the
 * first data, and again whenever they changed (another process uses the socket, a datagram socket
 * got another peer, a Unix peer became known). The latest event's facts hold.
 *
 * <pre>
 *  32 u64 cgroup | 40 u64 ingress_position | 48 u64 egress_position | 56 u64 peer_socket | 64 u32 netns
 *  68 u16 local_port | 70 u16 remote_port | 72 u8 local_address[16] | 88 u8 remote_address[16]
 * 104 u8 address_length | 105 u8 transport | 106 u8 role | 107 u8 tcp_state | 108 u16 family | 110 u16 protocol
 * 112 u32 owner | 116 u16 path_length | 120 comm[16] | 136 path[112]
 * </pre>
 */
public final class SocketEvent extends Event {
  public static final int TYPE = 3;
  public static final int CGROUP_OFFSET = 32;
  public static final int INGRESS_POSITION_OFFSET = 40;
  public static final int EGRESS_POSITION_OFFSET = 48;
  public static final int PEER_SOCKET_OFFSET = 56;
  public static final int NETNS_OFFSET = 64;
  public static final int LOCAL_PORT_OFFSET = 68;
  public static final int REMOTE_PORT_OFFSET = 70;
  public static final int LOCAL_ADDRESS_OFFSET = 72;
  public static final int REMOTE_ADDRESS_OFFSET = 88;
  public static final int ADDRESS_LENGTH_OFFSET = 104;
  public static final int TRANSPORT_OFFSET = 105;
  public static final int ROLE_OFFSET = 106;
  public static final int TCP_STATE_OFFSET = 107;
  public static final int FAMILY_OFFSET = 108;
  public static final int PROTOCOL_OFFSET = 110;
  public static final int OWNER_OFFSET = 112;
  public static final int PATH_LENGTH_OFFSET = 116;
  public static final int COMM_OFFSET = 120;
  public static final int PATH_OFFSET = 136;
  public static final int COMM_LENGTH = 16;
  public static final int PATH_LENGTH = 112;
  public static final int LENGTH = 248;

  @Override
  boolean sound(int available) {
    if (!holds(LENGTH, available)) {
      return false;
    }
    int length = addressLength();
    return (length == 0 || length == 4 || length == 16) && pathLength() <= PATH_LENGTH;
  }

  private int pathLength() {
    return buffer.getShort(offset + PATH_LENGTH_OFFSET) & 0xFFFF;
  }

  /** Inode of the calling process's cgroup v2 directory. */
  public long cgroup() {
    return buffer.getLong(offset + CGROUP_OFFSET);
  }

  /** Position of the next byte to be read. */
  public long ingressPosition() {
    return buffer.getLong(offset + INGRESS_POSITION_OFFSET);
  }

  /** Position of the next byte to be written. */
  public long egressPosition() {
    return buffer.getLong(offset + EGRESS_POSITION_OFFSET);
  }

  /** Unix: inode of the other end, 0 when unknown. */
  public long peerSocket() {
    return buffer.getLong(offset + PEER_SOCKET_OFFSET);
  }

  /** Inode of the socket's network namespace, unsigned. */
  public long netns() {
    return buffer.getInt(offset + NETNS_OFFSET) & 0xFFFFFFFFL;
  }

  public int localPort() {
    return buffer.getShort(offset + LOCAL_PORT_OFFSET) & 0xFFFF;
  }

  /** 0 when not connected. */
  public int remotePort() {
    return buffer.getShort(offset + REMOTE_PORT_OFFSET) & 0xFFFF;
  }

  /** 4, 16, or 0 for Unix sockets; the same for both addresses. */
  public int addressLength() {
    return buffer.get(offset + ADDRESS_LENGTH_OFFSET);
  }

  /** Copies {@link #addressLength} bytes in network order; all zero when bound to no address. */
  public void localAddress(byte[] target) {
    buffer.get(offset + LOCAL_ADDRESS_OFFSET, target, 0, addressLength());
  }

  /** Copies {@link #addressLength} bytes in network order; all zero when not connected. */
  public void remoteAddress(byte[] target) {
    buffer.get(offset + REMOTE_ADDRESS_OFFSET, target, 0, addressLength());
  }

  /** Wire id of io.kymo.schemas.Transport. */
  public int transport() {
    return buffer.get(offset + TRANSPORT_OFFSET);
  }

  /** Wire id of io.kymo.schemas.Role: CLIENT by connect, SERVER by accept, else UNKNOWN. */
  public int role() {
    return buffer.get(offset + ROLE_OFFSET);
  }

  /** The kernel's TCP_ESTABLISHED (1) and so on; 0 for other transports. */
  public int tcpState() {
    return buffer.get(offset + TCP_STATE_OFFSET);
  }

  /** As the socket was created: AF_UNIX 1, AF_INET 2, AF_INET6 10. */
  public int family() {
    return buffer.getShort(offset + FAMILY_OFFSET) & 0xFFFF;
  }

  /** IPPROTO_TCP 6, IPPROTO_UDP 17, IPPROTO_MPTCP 262, 0 for Unix sockets. */
  public int protocol() {
    return buffer.getShort(offset + PROTOCOL_OFFSET) & 0xFFFF;
  }

  /** Process (thread group) that uses the socket. */
  public int owner() {
    return buffer.getInt(offset + OWNER_OFFSET);
  }

  /** It was open before the driver started. */
  public boolean preexisting() {
    return flag(FLAG_PREEXISTING);
  }

  /** Positions are byte counts of this socket, not TCP sequence numbers. */
  public boolean counted() {
    return flag(FLAG_COUNTED);
  }

  /** Name of the process (its first thread's comm). Allocates: ask once a connection. */
  public String comm() {
    return text(COMM_OFFSET, COMM_LENGTH);
  }

  /** Unix: the listening end's path, "@name" when abstract, empty when unnamed. Allocates. */
  public String path() {
    return text(PATH_OFFSET, pathLength());
  }
}
