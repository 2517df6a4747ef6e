package io.kymo.collector.connection;

import io.kymo.collector.driver.NetworkNamespace;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.process.ProcFs;
import io.kymo.collector.process.ProcessFacts;
import io.kymo.collector.process.ProcessReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which processes a {@link Scope} admits, decided from /proc as the kernel side decides it: only
 * their sockets may be looked at.
 */
public final class ScopeOfProcesses {
  private static final ByteBuffer LOOPBACK = ByteBuffer.wrap(new byte[] {127, 0, 0, 1});

  private final ProcFs proc;
  private final ProcessReader reader;
  private final Scope scope;
  private final Set<Long> namespaces = new HashSet<>();
  private final Map<Integer, Boolean> descends = new HashMap<>();

  public ScopeOfProcesses(ProcFs proc, ProcessReader reader, Scope scope) {
    this.proc = proc;
    this.reader = reader;
    this.scope = scope;
    for (Path path : scope.netns()) {
      try {
        namespaces.add(((Number) Files.getAttribute(path, "unix:ino")).longValue());
      } catch (IOException e) {
        // the namespace is gone, so nothing is in it
      }
    }
  }

  /** Is the process in the scope, given the inode of its network namespace? */
  public boolean admits(int pid, long networkNamespace) {
    if (!scope.netns().isEmpty() && !namespaces.contains(networkNamespace)) {
      return false;
    }
    if (!scope.pids().isEmpty() && !descends(pid)) {
      return false;
    }
    if (scope.comms().isEmpty() && scope.cgroups().isEmpty()) {
      return true;
    }
    ProcessFacts facts = reader.read(pid);
    return facts != null
        && (scope.comms().isEmpty() || scope.comms().contains(facts.comm()))
        && (scope.cgroups().isEmpty() || below(facts.cgroup()));
  }

  boolean admits(OpenSocket socket) {
    if (scope.excludedPorts().contains(socket.localPort())
        || scope.excludedPorts().contains(socket.remotePort())) {
      return false;
    }
    if (own(socket)) {
      return false;
    }
    return scope.ports().isEmpty()
        || scope.ports().contains(socket.localPort())
        || scope.ports().contains(socket.remotePort());
  }

  private boolean own(OpenSocket socket) {
    return (scope.ownPorts().contains(socket.localPort())
            || scope.ownPorts().contains(socket.remotePort()))
        && (socket.localAddress().equals(LOOPBACK) || socket.remoteAddress().equals(LOOPBACK))
        && socket.networkNamespace() == NetworkNamespace.own();
  }

  private boolean descends(int pid) {
    if (scope.pids().contains(pid)) {
      return true;
    }
    if (pid <= 1) {
      return false;
    }
    Boolean known = descends.get(pid);
    if (known == null) {
      descends.put(pid, false); // ends a circle, should pids be used again meanwhile
      known = descends(proc.parent(pid));
      descends.put(pid, known);
    }
    return known;
  }

  /** A cgroup's path in /proc is relative to where its hierarchy is mounted. */
  private boolean below(String cgroup) {
    Path wanted = Path.of(cgroup.isEmpty() ? "/" : cgroup).normalize();
    for (Path directory : scope.cgroups()) {
      Path root = Path.of("/sys/fs/cgroup");
      Path unified = root.resolve("unified");
      Path mount = directory.startsWith(unified) ? unified : root;
      if (mount.resolve(wanted.toString().substring(1)).startsWith(directory)) {
        return true;
      }
    }
    return false;
  }
}
