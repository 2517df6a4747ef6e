package io.kymo.stack.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Notices clients that hang up while their statement runs and has nothing to write yet. The JDK's
 * server does not tell, so the kernel is asked: the server's side of such a connection is in
 * CLOSE_WAIT.
 */
final class ClientWatch {
  private static final long GRACE_NS = TimeUnit.SECONDS.toNanos(1);
  private static final String CLOSE_WAIT = "08";
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/self/net/tcp6"), Path.of("/proc/self/net/tcp"));

  private final String localPort;
  private final Map<Integer, Watched> running = new ConcurrentHashMap<>();

  private record Watched(long startNs, Runnable cancel) {}

  ClientWatch(int localPort) {
    this.localPort = hex(localPort);
  }

  /**
   * @param remotePort of the client's connection
   * @param cancel may be called more than once, until {@link #end}
   */
  void begin(int remotePort, Runnable cancel) {
    running.put(remotePort, new Watched(System.nanoTime(), cancel));
  }

  void end(int remotePort) {
    running.remove(remotePort);
  }

  /** To be called about once a second; costs nothing while no statement takes long. */
  void check() {
    long now = System.nanoTime();
    if (running.values().stream().noneMatch(w -> now - w.startNs > GRACE_NS)) {
      return;
    }
    Set<Integer> gone = goneClients();
    running.forEach(
        (port, watched) -> {
          if (now - watched.startNs > GRACE_NS && gone.contains(port)) {
            watched.cancel.run();
          }
        });
  }

  /** Lines are: number, local address:port, remote address:port, state, … in hexadecimal. */
  private Set<Integer> goneClients() {
    Set<Integer> gone = new HashSet<>();
    for (Path table : TABLES) {
      try {
        for (String line : Files.readAllLines(table)) {
          String[] fields = line.strip().split("\\s+", 5);
          if (fields.length == 5
              && fields[3].equals(CLOSE_WAIT)
              && fields[1].endsWith(":" + localPort)) {
            gone.add(Integer.parseInt(fields[2].substring(fields[2].lastIndexOf(':') + 1), 16));
          }
        }
      } catch (IOException e) {
        // No such table in this kernel: then such statements run to their end.
      }
    }
    return gone;
  }

  private static String hex(int port) {
    return String.format("%04X", port);
  }
}
