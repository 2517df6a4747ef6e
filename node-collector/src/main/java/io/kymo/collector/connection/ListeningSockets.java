package io.kymo.collector.connection;

import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which ports and paths are listened on, for connections whose connect or accept nobody saw: one
 * whose local port is listened on in its network namespace was accepted, one that leads to such a
 * port on the same host was connected.
 */
final class ListeningSockets {
  private final Map<Long, Set<Integer>> ports = new HashMap<>();
  private final Set<String> paths = new HashSet<>();

  void replace(List<OpenSocket> sockets) {
    ports.clear();
    paths.clear();
    for (OpenSocket socket : sockets) {
      if (!socket.listening()) {
        continue;
      }
      if (socket.transport() == Transport.TCP) {
        ports
            .computeIfAbsent(socket.networkNamespace(), unseen -> new HashSet<>())
            .add(socket.localPort());
      } else if (!socket.path().isEmpty()) {
        paths.add(socket.path());
      }
    }
  }

  /**
   * @param ownPath Unix: the socket's own path, which an accepted socket has from its listener
   */
  Role roleOf(ConnectionFacts facts, String ownPath) {
    if (facts.getTransport() == Transport.TCP.wireId()) {
      Set<Integer> listening = ports.getOrDefault(facts.getNetworkNamespace(), Set.of());
      if (listening.contains(facts.getLocalPort())) {
        return Role.SERVER;
      }
      boolean sameHost = facts.getLocalAddress().equals(facts.getRemoteAddress());
      return sameHost && listening.contains(facts.getRemotePort()) ? Role.CLIENT : Role.UNKNOWN;
    }
    if (facts.getTransport() == Transport.UNIX_STREAM.wireId() && !ownPath.isEmpty()) {
      return paths.contains(ownPath) ? Role.SERVER : Role.UNKNOWN;
    }
    return Role.UNKNOWN;
  }
}
