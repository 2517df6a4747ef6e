package io.kymo.collector.connection;

import io.kymo.collector.process.ProcessFacts;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Plaintext;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;

/**
 * One connection (or one datagram socket, under which its conversations hang, one for each peer).
 * Facts are kept in the shape in which they are published.
 */
public final class Connection {
  static final ByteBuffer NO_ADDRESS = ByteBuffer.allocate(0).asReadOnlyBuffer();

  private final ConnectionFacts facts;
  private final boolean datagramSocket;

  /** Hash of the client's endpoint, which decides the Kafka partition; 0: not computed yet. */
  private long endpoint;

  private long lastSeenNanos;

  /** The process has closed it and TCP has not; when that was. */
  private boolean lingering;

  private long closedNanos;

  /** Datagram conversations: bytes seen in each direction. Indexed by direction. */
  private final long[] position = new long[2];

  // which batch knows the facts already, and under which index; see Batcher
  private long batch;
  private int batchIndex;

  /** Conversations of one datagram socket, as a list through the conversations themselves. */
  private Connection socket;

  private Connection next;
  private Connection plaintext;
  private Connection previous;

  Connection(ConnectionFacts facts, boolean datagramSocket) {
    this.facts = facts;
    this.datagramSocket = datagramSocket;
  }

  /** A connection of which nothing is known but what is given. */
  static Connection of(long id, int transport, boolean datagramSocket) {
    ConnectionFacts facts = new ConnectionFacts();
    facts.setId(id);
    facts.setTransport(transport);
    facts.setRole(Role.UNKNOWN.wireId());
    facts.setLocalAddress(NO_ADDRESS);
    facts.setRemoteAddress(NO_ADDRESS);
    facts.setPath("");
    facts.setComm("");
    facts.setExecutable("");
    facts.setCgroup("");
    facts.setContainerId("");
    return new Connection(facts, datagramSocket);
  }

  public long id() {
    return facts.getId();
  }

  /** What is published; after a change call {@link #changed}. */
  public ConnectionFacts facts() {
    return facts;
  }

  public Role role() {
    return Role.ofWireId(facts.getRole());
  }

  /** True for a datagram socket itself, which is never published, only its conversations are. */
  public boolean datagramSocket() {
    return datagramSocket;
  }

  /** True for TCP, whose positions are sequence numbers. */
  public boolean tcp() {
    return facts.getTransport() == Transport.TCP.wireId();
  }

  public boolean datagram() {
    return facts.getTransport() == Transport.UDP.wireId()
        || facts.getTransport() == Transport.UNIX_DATAGRAM.wireId();
  }

  /** Sets what is known of the process that uses this connection. */
  public void process(ProcessFacts process) {
    facts.setPid(process.pid());
    facts.setProcessStartNs(process.startNs());
    facts.setComm(process.comm());
    facts.setExecutable(process.executable());
    facts.setCgroup(process.cgroup());
    facts.setContainerId(process.containerId());
  }

  /** Makes the next batch entry carry the facts anew; the plaintext's too. */
  public void changed() {
    batch = 0;
    endpoint = 0;
    if (plaintext != null) {
      plaintext.sameAs(facts);
    }
  }

  /** The plaintext that TLS carries on this connection, null when none was seen. */
  public Connection plaintext() {
    return plaintext;
  }

  /**
   * Begins the plaintext of this connection.
   *
   * @param openedNs kernel time, 0 when its beginning was not seen
   */
  Connection beginPlaintext(long openedNs) {
    plaintext = of(Plaintext.idOn(id()), facts.getTransport(), false);
    plaintext.facts.setOpenedNs(openedNs);
    plaintext.sameAs(facts);
    return plaintext;
  }

  private void sameAs(ConnectionFacts socket) {
    facts.setRole(socket.getRole());
    facts.setLocalAddress(socket.getLocalAddress());
    facts.setLocalPort(socket.getLocalPort());
    facts.setRemoteAddress(socket.getRemoteAddress());
    facts.setRemotePort(socket.getRemotePort());
    facts.setPath(socket.getPath());
    facts.setPeerId(socket.getPeerId());
    facts.setNetworkNamespace(socket.getNetworkNamespace());
    facts.setPid(socket.getPid());
    facts.setProcessStartNs(socket.getProcessStartNs());
    facts.setComm(socket.getComm());
    facts.setExecutable(socket.getExecutable());
    facts.setCgroup(socket.getCgroup());
    facts.setContainerId(socket.getContainerId());
    changed();
  }

  public long endpoint() {
    return endpoint;
  }

  public void endpoint(long hash) {
    endpoint = hash;
  }

  public long lastSeenNanos() {
    return lastSeenNanos;
  }

  public void seen(long nanos) {
    lastSeenNanos = nanos;
  }

  /** The process closed it; what TCP still tells of it counts. */
  public void linger(long nanos) {
    lingering = true;
    closedNanos = nanos;
  }

  public boolean lingering() {
    return lingering;
  }

  /** When {@link #linger} was called. */
  long closedNanos() {
    return closedNanos;
  }

  /** Position of the next {@code length} bytes in a direction that counts bytes; moves behind. */
  public long advance(int direction, int length) {
    long at = position[direction];
    position[direction] = at + length;
    return at;
  }

  /** Moves behind what was seen in a direction whose positions the kernel counts. */
  public void reached(int direction, long end) {
    position[direction] = Math.max(position[direction], end);
  }

  /** Bytes counted by {@link #advance}. */
  public long position(int direction) {
    return position[direction];
  }

  /** True before the first {@link #advance}. */
  public boolean fresh() {
    return position[0] == 0 && position[1] == 0;
  }

  public long batch() {
    return batch;
  }

  public int batchIndex() {
    return batchIndex;
  }

  public void inBatch(long number, int index) {
    batch = number;
    batchIndex = index;
  }

  /** The datagram socket of a conversation, else null. */
  Connection socket() {
    return socket;
  }

  /** First conversation of this socket, then each one's next; null at the end. */
  public Connection next() {
    return next;
  }

  void linkTo(Connection parent) {
    socket = parent;
    previous = parent;
    next = parent.next;
    if (next != null) {
      next.previous = this;
    }
    parent.next = this;
  }

  /** Makes this the first conversation of its socket. */
  void moveToFront() {
    if (socket != null && previous != socket) {
      Connection parent = socket;
      unlink();
      linkTo(parent);
    }
  }

  void unlink() {
    if (socket != null) {
      previous.next = next;
      if (next != null) {
        next.previous = previous;
      }
      socket = null;
    }
  }
}
