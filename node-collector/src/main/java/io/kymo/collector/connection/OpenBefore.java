package io.kymo.collector.connection;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.process.ProcessTable;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Connections whose beginning nobody saw: found in /proc, with the role that follows from there.
 */
final class OpenBefore {
  /** Reading all of /proc costs from milliseconds to seconds. */
  private static final long LOOK_NANOS = 5_000_000_000L;

  private final Connections connections;
  private final ProcessTable processes;
  private final Counters counters;
  private final SocketFinder finder;
  private final ListeningSockets listening = new ListeningSockets();
  private final Set<Long> closedMeanwhile = new HashSet<>();
  private boolean lookWanted;
  private boolean lookedOnce;
  private long lookedNanos;

  OpenBefore(
      Connections connections, ProcessTable processes, Counters counters, SocketFinder finder) {
    this.connections = connections;
    this.processes = processes;
    this.counters = counters;
    this.finder = finder;
  }

  /** Has /proc read: now, or as soon as the last time is long enough ago. */
  void look(long nowNanos) {
    lookWanted = true;
    lookIfWanted(nowNanos);
  }

  void lookIfWanted(long nowNanos) {
    if (lookWanted && (!lookedOnce || nowNanos - lookedNanos >= LOOK_NANOS)) {
      lookedOnce = true;
      lookWanted = false;
      lookedNanos = nowNanos;
      finder.look();
    }
  }

  /** What closes while /proc is read must not come back by it. */
  void closed(long id) {
    if (finder.looking()) {
      closedMeanwhile.add(id);
    }
  }

  /** Takes over what was found since; costs nothing when there is nothing. */
  void adopt(long nowNanos) {
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

  /**
   * From who listens, else (Unix) from what the other end is.
   *
   * @param ownPath Unix: the socket's own name as /proc shows it, empty when not known
   */
  Role role(ConnectionFacts facts, String ownPath) {
    Role role = listening.roleOf(facts, ownPath);
    Connection peer = facts.getPeerId() == 0 ? null : connections.get(facts.getPeerId());
    if (role == Role.UNKNOWN && peer != null) {
      return switch (peer.role()) {
        case CLIENT -> Role.SERVER;
        case SERVER -> Role.CLIENT;
        case UNKNOWN -> Role.UNKNOWN;
      };
    }
    return role;
  }

  private void adopt(OpenSocket socket, long nowNanos) {
    boolean datagram = !socket.transport().stream();
    Connection connection = connections.get(socket.inode());
    if (connection == null) {
      if (connections.full()) {
        return; // what moves is worth more than what was there
      }
      int transport = socket.transport().wireId();
      connection = connections.create(socket.inode(), transport, datagram, null, nowNanos);
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
      facts.setRole(role(facts, socket.path()).wireId());
    }
    connection.changed();
  }
}
