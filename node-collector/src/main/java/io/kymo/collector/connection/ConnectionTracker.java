package io.kymo.collector.connection;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.process.ProcessFacts;
import io.kymo.collector.process.ProcessTable;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Knows every connection by what the kernel tells, and by what /proc shows of those that were open
 * before. Datagram sockets have one connection for each peer. For one thread.
 */
public final class ConnectionTracker {
  /** Set in ids that are hashes, so that they never equal an inode. */
  private static final long HASHED = 1L << 63;

  /** Reading all of /proc costs from milliseconds to seconds. */
  private static final long LOOK_NANOS = 5_000_000_000L;

  /** How long the kernel's word about connections of an ended process is waited for. */
  private static final long EXIT_GRACE_NANOS = 1_000_000_000L;

  private final ConnectionTable table;
  private final ProcessTable processes;
  private final Counters counters;
  private final SocketFinder finder;
  private final ListeningSockets listening = new ListeningSockets();
  private final EndedProcesses ended = new EndedProcesses(EXIT_GRACE_NANOS);
  private final Set<Long> closedMeanwhile = new HashSet<>();
  private final byte[] scratch = new byte[16];
  private boolean lookWanted;
  private boolean lookedOnce;
  private long lookedNanos;

  public ConnectionTracker(
      ConnectionTable table, ProcessTable processes, Counters counters, SocketFinder finder) {
    this.table = table;
    this.processes = processes;
    this.counters = counters;
    this.finder = finder;
  }

  /** What becomes of connections that end without a word of the kernel. */
  public interface Ending {
    void closed(Connection connection);
  }

  public int size() {
    return table.size();
  }

  /** Returns null when the socket is not known. */
  public Connection get(long socket) {
    return table.get(socket);
  }

  /** Takes over the facts of a socket. */
  public void told(SocketEvent event, long nowNanos) {
    Connection connection = table.get(event.socket());
    if (connection == null) {
      boolean datagram =
          event.transport() == Transport.UDP.wireId()
              || event.transport() == Transport.UNIX_DATAGRAM.wireId();
      connection = create(event.socket(), event.transport(), datagram, null, nowNanos);
      if (event.preexisting()) {
        counters.increment(CollectorCounter.CONNECTIONS_PICKED_UP);
      } else {
        connection.facts().setOpenedNs(event.timeNanos());
      }
    }
    connection.seen(nowNanos);
    ConnectionFacts facts = connection.facts();
    facts.setTransport(event.transport());
    facts.setLocalAddress(localAddress(event));
    facts.setLocalPort(event.localPort());
    facts.setRemoteAddress(remoteAddress(event));
    facts.setRemotePort(event.remotePort());
    facts.setNetworkNamespace(event.netns());
    if (event.peerSocket() != 0) {
      facts.setPeerId(event.peerSocket());
    }
    if (event.addressLength() == 0) {
      facts.setPath(event.path());
    }
    connection.process(processes.running(event.owner(), event.comm()));
    if (event.role() != Role.UNKNOWN.wireId()) {
      facts.setRole(event.role());
    } else if (connection.role() == Role.UNKNOWN && !connection.datagramSocket()) {
      facts.setRole(inferredRole(facts, "").wireId());
    }
    connection.changed();
    for (Connection peer = connection.next(); connection.datagramSocket() && peer != null; ) {
      takeOver(connection, peer);
      peer.changed();
      peer = peer.next();
    }
  }

  /** The connection that carries these bytes, made up from the event when its facts were lost. */
  public Connection of(DataEvent event, long nowNanos) {
    Connection connection = table.get(event.socket());
    if (connection == null) {
      connection = withoutFacts(event, false, nowNanos);
    }
    connection.seen(nowNanos);
    return connection;
  }

  /** The conversation with the datagram's peer. */
  public Connection of(DatagramEvent event, long nowNanos) {
    Connection socket = table.get(event.socket());
    if (socket == null) {
      socket = withoutFacts(event, true, nowNanos);
    }
    socket.seen(nowNanos);
    Connection conversation = unnamed(socket, event) ? socket.next() : null;
    long id = conversation == null ? conversationId(socket, event) : conversation.id();
    if (conversation == null) {
      conversation = table.get(id);
    }
    if (conversation == null) {
      conversation = create(id, event.transport(), false, socket, nowNanos);
      conversation.linkTo(socket);
      takeOver(socket, conversation);
      ConnectionFacts facts = conversation.facts();
      facts.setOpenedNs(socket.facts().getOpenedNs() == 0 ? 0 : event.timeNanos());
      if (event.peerSocket() != 0) {
        facts.setPeerId(event.peerSocket());
      }
      if (event.peerAddressLength() > 0) {
        event.peerAddress(scratch);
        facts.setRemoteAddress(copy(event.peerAddressLength()));
        facts.setRemotePort(event.peerPort());
      }
    }
    conversation.seen(nowNanos);
    conversation.moveToFront();
    return conversation;
  }

  /** A call that did not ask for the peer's address: taken for the one spoken with last. */
  private static boolean unnamed(Connection socket, DatagramEvent event) {
    return event.peerAddressLength() == 0
        && event.peerSocket() == 0
        && socket.facts().getRemotePort() == 0
        && socket.facts().getPeerId() == 0;
  }

  /** Forgets a connection, and a datagram socket's conversations with it. */
  public void forget(Connection connection) {
    if (finder.looking()) {
      closedMeanwhile.add(connection.id());
    }
    while (connection.datagramSocket() && connection.next() != null) {
      table.remove(connection.next());
    }
    table.remove(connection);
  }

  /** The process ended; its connections end with it, unless another process has them too. */
  public void exited(int pid, long nowNanos) {
    processes.exited(pid);
    ended.add(pid, nowNanos);
  }

  /**
   * To be called about once a second: ends idle datagram conversations and connections that nobody
   * holds.
   *
   * @param idleNanos after so long without traffic a datagram conversation is over
   */
  public void sweep(long nowNanos, long idleNanos, Ending ending) {
    closeAbandoned(ending);
    if (lookWanted) {
      lookAround(nowNanos);
    }
    ended.settle(nowNanos);
    Set<Long> doubtful = new HashSet<>();
    for (int i = 0; i < table.slots(); i++) {
      Connection connection = table.slot(i);
      if (connection == null || connection.datagramSocket()) {
        continue;
      }
      if (connection.socket() != null) {
        if (nowNanos - connection.lastSeenNanos() >= idleNanos) {
          counters.increment(CollectorCounter.CONNECTIONS_EXPIRED);
          ending.closed(connection);
          table.remove(connection);
          i--; // another one may have moved here
        }
      } else if (ended.settled(connection.facts().getPid())) {
        doubtful.add(connection.id());
      }
    }
    if (!doubtful.isEmpty()) {
      finder.check(doubtful);
    }
  }

  /** Has /proc read for connections that are open: now, or as soon as the last time is not near. */
  public void lookAround(long nowNanos) {
    lookWanted = true;
    if (!lookedOnce || nowNanos - lookedNanos >= LOOK_NANOS) {
      lookedOnce = true;
      lookWanted = false;
      lookedNanos = nowNanos;
      finder.look();
    }
  }

  /** Takes over what was found in /proc since; costs nothing when there is nothing. */
  public void adoptFound(long nowNanos) {
    List<OpenSocket> sockets = finder.found();
    if (sockets == null) {
      return;
    }
    listening.replace(sockets);
    for (OpenSocket socket : sockets) {
      if (socket.pid() != 0 && !socket.listening() && !closedMeanwhile.contains(socket.inode())) {
        adopt(socket, nowNanos);
      }
    }
    closedMeanwhile.clear();
  }

  private void adopt(OpenSocket socket, long nowNanos) {
    boolean datagram = !socket.transport().stream();
    Connection connection = table.get(socket.inode());
    if (connection == null) {
      if (table.full()) {
        return; // what moves is worth more than what was there
      }
      connection = create(socket.inode(), socket.transport().wireId(), datagram, null, nowNanos);
      counters.increment(CollectorCounter.CONNECTIONS_PICKED_UP);
    }
    ConnectionFacts facts = connection.facts();
    if (facts.getNetworkNamespace() == 0) { // the kernel has told nothing
      facts.setLocalAddress(socket.localAddress());
      facts.setLocalPort(socket.localPort());
      facts.setRemoteAddress(socket.remoteAddress());
      facts.setRemotePort(socket.remotePort());
      facts.setPath(socket.path());
      facts.setNetworkNamespace(socket.networkNamespace());
      connection.process(processes.running(socket.pid(), ""));
    }
    if (connection.role() == Role.UNKNOWN && !datagram) {
      facts.setRole(inferredRole(facts, socket.path()).wireId());
    }
    connection.changed();
  }

  /** From who listens, else (Unix) from what the other end is. */
  private Role inferredRole(ConnectionFacts facts, String ownPath) {
    Role role = listening.roleOf(facts, ownPath);
    Connection peer = facts.getPeerId() == 0 ? null : table.get(facts.getPeerId());
    if (role == Role.UNKNOWN && peer != null) {
      return switch (peer.role()) {
        case CLIENT -> Role.SERVER;
        case SERVER -> Role.CLIENT;
        case UNKNOWN -> Role.UNKNOWN;
      };
    }
    return role;
  }

  private void closeAbandoned(Ending ending) {
    for (Set<Long> inodes = finder.abandoned(); inodes != null; inodes = finder.abandoned()) {
      for (long inode : inodes) {
        Connection connection = table.get(inode);
        if (connection != null) {
          counters.increment(CollectorCounter.CONNECTIONS_CLOSED_UNSEEN);
          ending.closed(connection);
          forget(connection);
        }
      }
    }
  }

  private Connection withoutFacts(DataEvent event, boolean datagram, long nowNanos) {
    Connection connection = create(event.socket(), event.transport(), datagram, null, nowNanos);
    connection.process(processes.running(event.tgid(), ""));
    counters.increment(CollectorCounter.CONNECTIONS_WITHOUT_FACTS);
    lookAround(nowNanos);
    return connection;
  }

  private Connection create(
      long id, int transport, boolean datagramSocket, Connection keep, long nowNanos) {
    while (table.full()) {
      Connection victim = table.victim();
      if (victim != keep) {
        int before = table.size();
        forget(victim);
        counters.add(CollectorCounter.CONNECTIONS_EVICTED, before - table.size());
      }
    }
    counters.increment(CollectorCounter.CONNECTIONS_SEEN);
    return table.create(id, transport, datagramSocket, nowNanos);
  }

  private static void takeOver(Connection socket, Connection conversation) {
    ConnectionFacts from = socket.facts();
    ConnectionFacts to = conversation.facts();
    to.setRole(from.getRole());
    to.setLocalAddress(from.getLocalAddress());
    to.setLocalPort(from.getLocalPort());
    if (to.getRemotePort() == 0 && to.getPeerId() == 0) {
      to.setRemoteAddress(from.getRemoteAddress());
      to.setRemotePort(from.getRemotePort());
      to.setPeerId(from.getPeerId());
    }
    to.setPath(from.getPath());
    to.setNetworkNamespace(from.getNetworkNamespace());
    conversation.process(
        new ProcessFacts(
            from.getPid(),
            from.getProcessStartNs(),
            from.getComm(),
            from.getExecutable(),
            from.getCgroup(),
            from.getContainerId()));
  }

  private long conversationId(Connection socket, DatagramEvent event) {
    long hash = Mix.mix(event.socket());
    if (event.peerAddressLength() > 0) {
      event.peerAddress(scratch);
      for (int i = 0; i < event.peerAddressLength(); i++) {
        hash = hash * 31 + scratch[i];
      }
      hash = Mix.mix(hash ^ (long) event.peerPort() << 32);
    } else if (event.peerSocket() != 0) {
      hash = Mix.mix(hash ^ event.peerSocket());
    } else {
      hash = Mix.mix(hash ^ socket.facts().getRemotePort()); // connected, or never told
    }
    return hash | HASHED;
  }

  private ByteBuffer localAddress(SocketEvent event) {
    event.localAddress(scratch);
    return copy(event.addressLength());
  }

  private ByteBuffer remoteAddress(SocketEvent event) {
    event.remoteAddress(scratch);
    return copy(event.addressLength());
  }

  private ByteBuffer copy(int length) {
    return length == 0
        ? Connection.NO_ADDRESS
        : ByteBuffer.wrap(java.util.Arrays.copyOf(scratch, length));
  }
}
