package io.kymo.collector.connection;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.collector.driver.TcpEvent;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.process.ProcessTable;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/**
 * Knows every connection by what the kernel tells, and by what /proc shows of those that were open
 * before. For one thread.
 */
public final class ConnectionTracker {
  /** How long the kernel's word about connections of an ended process is waited for. */
  private static final long EXIT_GRACE_NANOS = 1_000_000_000L;

  /** How long TCP's word on a closed connection is waited for. */
  private static final long LINGER_NANOS = 60_000_000_000L;

  private final Connections connections;
  private final Conversations conversations;
  private final OpenBefore openBefore;
  private final ProcessTable processes;
  private final Counters counters;
  private final SocketFinder finder;
  private final EndedProcesses ended = new EndedProcesses(EXIT_GRACE_NANOS);
  private final EarlyReports early;
  private final byte[] address = new byte[16];

  public ConnectionTracker(
      ConnectionTable table, ProcessTable processes, Counters counters, SocketFinder finder) {
    this.connections = new Connections(table, counters);
    this.conversations = new Conversations(connections);
    this.openBefore = new OpenBefore(connections, processes, counters, finder);
    this.early = new EarlyReports(counters);
    this.processes = processes;
    this.counters = counters;
    this.finder = finder;
  }

  /** What becomes of connections that end without a word of the kernel. */
  public interface Ending {
    void closed(Connection connection);
  }

  public int size() {
    return connections.size();
  }

  /** Returns null when the socket is not known. */
  public Connection get(long socket) {
    return connections.get(socket);
  }

  /** Takes over the facts of a socket. */
  public void told(SocketEvent event, long nowNanos) {
    Connection connection = connections.get(event.socket());
    if (connection == null) {
      connection = create(event, nowNanos);
    }
    connection.seen(nowNanos);
    ConnectionFacts facts = connection.facts();
    facts.setTransport(event.transport());
    event.localAddress(address);
    facts.setLocalAddress(copy(event.addressLength()));
    facts.setLocalPort(event.localPort());
    event.remoteAddress(address);
    facts.setRemoteAddress(copy(event.addressLength()));
    facts.setRemotePort(event.remotePort());
    facts.setNetworkNamespace(event.netns());
    if (event.peerSocket() != 0) {
      facts.setPeerId(event.peerSocket());
    }
    if (event.addressLength() == 0) {
      facts.setPath(event.path());
    }
    if (event.owner() != 0) { // packets have none
      connection.process(processes.running(event.owner(), event.comm()));
    }
    if (event.role() != Role.UNKNOWN.wireId()) {
      facts.setRole(event.role());
    } else if (connection.role() == Role.UNKNOWN && !connection.datagramSocket()) {
      facts.setRole(openBefore.role(facts, "").wireId());
    }
    connection.changed();
    if (connection.datagramSocket()) {
      conversations.socketTold(connection);
    }
  }

  /** The connection that carries these bytes, made up from the event when its facts were lost. */
  public Connection of(DataEvent event, long nowNanos) {
    Connection connection = connections.get(event.socket());
    if (connection == null) {
      connection = createWithoutFacts(event, false, nowNanos);
    }
    connection.seen(nowNanos);
    return connection;
  }

  /** The plaintext that TLS carries on the event's socket. */
  public Connection plaintextOf(DataEvent event, long nowNanos) {
    Connection connection = of(event, nowNanos);
    if (connection.plaintext() == null) {
      counters.increment(CollectorCounter.TLS_STREAMS);
      connection.beginPlaintext(event.preexisting() ? 0 : event.timeNanos());
    }
    return connection.plaintext();
  }

  /** The conversation with the datagram's peer. */
  public Connection of(DatagramEvent event, long nowNanos) {
    Connection socket = connections.get(event.socket());
    if (socket == null) {
      socket = createWithoutFacts(event, true, nowNanos);
    }
    socket.seen(nowNanos);
    return conversations.of(socket, event, nowNanos);
  }

  /**
   * The connection that TCP tells of. Null when it is not known: then the report is kept for {@link
   * #early}.
   */
  public Connection of(TcpEvent event, long nowNanos) {
    Connection connection = connections.get(event.socket());
    if (connection == null) {
      early.keep(event, nowNanos);
    }
    return connection;
  }

  /** What TCP told of a socket before it was known; null when nothing. To be asked once. */
  public Iterator<TcpEvent> early(long socket) {
    return early.take(socket);
  }

  /** Forgets a connection, and a datagram socket's conversations with it. */
  public void forget(Connection connection) {
    openBefore.closed(connection.id());
    connections.remove(connection);
  }

  /** The process ended; its connections end with it, unless another process has them too. */
  public void exited(int pid, long nowNanos) {
    processes.exited(pid);
    ended.add(pid, nowNanos);
  }

  /** Has /proc read for connections that are open; {@link #adoptFound} takes the answer. */
  public void lookAround(long nowNanos) {
    openBefore.look(nowNanos);
  }

  /** Takes over what was found in /proc since; costs nothing when there is nothing. */
  public void adoptFound(long nowNanos) {
    openBefore.adopt(nowNanos);
  }

  /**
   * To be called about once a second: ends idle datagram conversations and connections that nobody
   * holds.
   *
   * @param idleNanos after so long without traffic a datagram conversation is over
   */
  public void sweep(long nowNanos, long idleNanos, Ending ending) {
    closeAbandoned(ending);
    openBefore.lookIfWanted(nowNanos);
    ended.settle(nowNanos);
    early.sweep(nowNanos);
    Set<Long> doubtful = new HashSet<>();
    for (int i = 0; i < connections.slots(); i++) {
      Connection connection = connections.slot(i);
      if (connection == null || connection.datagramSocket()) {
        continue;
      }
      if (connection.lingering()) {
        if (nowNanos - connection.closedNanos() >= LINGER_NANOS) {
          forget(connection);
          i--; // another one may have moved here
        }
      } else if (connection.socket() != null) {
        if (nowNanos - connection.lastSeenNanos() >= idleNanos) {
          counters.increment(CollectorCounter.CONNECTIONS_EXPIRED);
          ending.closed(connection);
          connections.remove(connection);
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

  private void closeAbandoned(Ending ending) {
    for (Set<Long> inodes = finder.abandoned(); inodes != null; inodes = finder.abandoned()) {
      for (long inode : inodes) {
        Connection connection = connections.get(inode);
        if (connection != null) {
          counters.increment(CollectorCounter.CONNECTIONS_CLOSED_UNSEEN);
          ending.closed(connection);
          forget(connection);
        }
      }
    }
  }

  private Connection create(SocketEvent event, long nowNanos) {
    boolean datagram =
        event.transport() == Transport.UDP.wireId()
            || event.transport() == Transport.UNIX_DATAGRAM.wireId();
    Connection connection =
        connections.create(event.socket(), event.transport(), datagram, null, nowNanos);
    if (event.preexisting()) {
      counters.increment(CollectorCounter.CONNECTIONS_PICKED_UP);
    } else {
      connection.facts().setOpenedNs(event.timeNanos());
    }
    return connection;
  }

  private Connection createWithoutFacts(DataEvent event, boolean datagram, long nowNanos) {
    Connection connection =
        connections.create(event.socket(), event.transport(), datagram, null, nowNanos);
    connection.process(processes.running(event.tgid(), ""));
    counters.increment(CollectorCounter.CONNECTIONS_WITHOUT_FACTS);
    openBefore.look(nowNanos);
    return connection;
  }

  private ByteBuffer copy(int length) {
    return length == 0 ? Connection.NO_ADDRESS : ByteBuffer.wrap(Arrays.copyOf(address, length));
  }
}
