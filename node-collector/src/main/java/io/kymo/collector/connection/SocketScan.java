package io.kymo.collector.connection;

import io.kymo.collector.driver.Scope;
import io.kymo.collector.process.ProcFs;
import io.kymo.collector.process.ProcessReader;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the sockets that are open now: which processes of the scope hold which inodes, and what the
 * tables of their network namespaces say about these. Takes from milliseconds to seconds, so it
 * runs on a thread of its own.
 */
final class SocketScan {
  private final ProcFs proc;
  private final SocketTables tables;
  private final ProcessReader reader;
  private final int ownPid;

  /**
   * @param order the host's byte order
   * @param ownPid process that is left out
   */
  SocketScan(ProcFs proc, ByteOrder order, int ownPid) {
    this.proc = proc;
    this.ownPid = ownPid;
    this.tables = new SocketTables(proc, order);
    this.reader = new ProcessReader(proc);
  }

  /** Listening sockets are told whoever holds them; others when a process of the scope does. */
  List<OpenSocket> open(Scope scope) {
    ScopeOfProcesses processes = new ScopeOfProcesses(proc, reader, scope);
    Map<Long, Integer> holders = new HashMap<>();
    Map<Long, List<Integer>> namespaces = new HashMap<>();
    for (int pid : proc.pids()) {
      long namespace = proc.networkNamespace(pid);
      if (namespace == 0 || pid == ownPid || !processes.admits(pid, namespace)) {
        continue;
      }
      namespaces.computeIfAbsent(namespace, unseen -> new ArrayList<>()).add(pid);
      for (int fd : proc.fileDescriptors(pid)) {
        long inode = proc.socketInode(pid, fd);
        if (inode != 0) {
          holders.merge(inode, pid, Math::min);
        }
      }
    }
    List<OpenSocket> found = new ArrayList<>();
    namespaces.forEach(
        (namespace, pids) -> {
          for (int pid : pids) {
            if (tables.read(pid, namespace, socket -> take(socket, holders, processes, found))) {
              break; // else this process is gone: another one has the same tables
            }
          }
        });
    return found;
  }

  private static void take(
      OpenSocket socket,
      Map<Long, Integer> holders,
      ScopeOfProcesses processes,
      List<OpenSocket> found) {
    Integer holder = holders.get(socket.inode());
    if (holder != null && processes.admits(socket)) {
      found.add(socket.heldBy(holder));
    } else if (socket.listening()) {
      found.add(socket);
    }
  }

  /** Which of these sockets no process holds any more. */
  Set<Long> abandoned(Set<Long> inodes) {
    Set<Long> left = new HashSet<>(inodes);
    for (int pid : proc.pids()) {
      for (int fd : proc.fileDescriptors(pid)) {
        left.remove(proc.socketInode(pid, fd));
        if (left.isEmpty()) {
          return left;
        }
      }
    }
    return left;
  }
}
