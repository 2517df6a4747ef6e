package io.kymo.collector.driver;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is captured, decided in the kernel. Same kind: any must match; different kinds: all must
 * match; an empty set admits all.
 *
 * @param netns paths of network namespaces, such as /run/netns/blue or /proc/1/ns/net
 * @param cgroups cgroup v2 directories, with all below them
 * @param pids processes with all their children, present and future
 * @param comms process names, at most 15 bytes
 * @param ports local or remote port
 * @param excludedPorts sockets whose local or remote port is one of them are left out, unless it is
 *     among {@code ports}, too
 * @param ownPorts the same, at 127.0.0.1 in the collector's own network namespace only: there
 *     Kymo's servers listen, elsewhere the port is anybody's
 */
public record Scope(
    Set<Path> netns,
    Set<Path> cgroups,
    Set<Integer> pids,
    Set<String> comms,
    Set<Integer> ports,
    Set<Integer> excludedPorts,
    Set<Integer> ownPorts) {
  /** As long as the kernel's comm field can be. */
  private static final int COMM_BYTES_MAX = 15;

  /** All that happens on the node. */
  public static final Scope ALL =
      new Scope(Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of());

  public Scope {
    netns = Set.copyOf(netns);
    cgroups = Set.copyOf(cgroups);
    pids = Set.copyOf(pids);
    comms = Set.copyOf(comms);
    ports = Set.copyOf(ports);
    ownPorts = Set.copyOf(ownPorts);
    Set<Integer> excluded = new HashSet<>(excludedPorts);
    excluded.removeAll(ports); // who names a port wants to see it
    excludedPorts = Set.copyOf(excluded);
  }

  /** Without own ports. */
  public Scope(
      Set<Path> netns,
      Set<Path> cgroups,
      Set<Integer> pids,
      Set<String> comms,
      Set<Integer> ports,
      Set<Integer> excludedPorts) {
    this(netns, cgroups, pids, comms, ports, excludedPorts, Set.of());
  }

  /** The same scope, with such own ports. */
  public Scope withoutOwn(Set<Integer> own) {
    return new Scope(netns, cgroups, pids, comms, ports, excludedPorts, own);
  }

  /**
   * Reads filters as users write them: {@code netns:PATH}, {@code cgroup:PATH}, {@code pid:N},
   * {@code comm:NAME}, {@code port:N}.
   *
   * @param only such filters; empty: everything
   * @param excludedPorts ports to leave out
   * @throws IllegalArgumentException that names the filter and what is wrong
   */
  public static Scope parse(List<String> only, Set<Integer> excludedPorts) {
    Set<Path> netns = new LinkedHashSet<>();
    Set<Path> cgroups = new LinkedHashSet<>();
    Set<Integer> pids = new LinkedHashSet<>();
    Set<String> comms = new LinkedHashSet<>();
    Set<Integer> ports = new HashSet<>();
    for (String filter : only) {
      int colon = filter.indexOf(':');
      String value = filter.substring(colon + 1);
      switch (colon < 1 ? "" : filter.substring(0, colon)) {
        case "netns" -> netns.add(path(filter, value));
        case "cgroup" -> cgroups.add(path(filter, value));
        case "pid" -> pids.add(number(filter, value, Integer.MAX_VALUE));
        case "comm" -> comms.add(comm(filter, value));
        case "port" -> ports.add(number(filter, value, 65_535));
        default ->
            throw new IllegalArgumentException(
                "filter '" + filter + "': use netns:PATH, cgroup:PATH, pid:N, comm:NAME or port:N");
      }
    }
    return new Scope(netns, cgroups, pids, comms, ports, excludedPorts);
  }

  private static Path path(String filter, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("filter '" + filter + "': a path is needed");
    }
    return Path.of(value);
  }

  private static String comm(String filter, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("filter '" + filter + "': a process's name is needed");
    }
    if (value.getBytes(StandardCharsets.UTF_8).length > COMM_BYTES_MAX) {
      throw new IllegalArgumentException(
          "filter '" + filter + "': the kernel keeps 15 bytes of a process's name at most");
    }
    return value;
  }

  private static int number(String filter, String value, int max) {
    try {
      int number = Integer.parseInt(value);
      if (number > 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below, with the range
    }
    throw new IllegalArgumentException(
        "filter '" + filter + "': a number from 1 to " + max + " is needed");
  }
}
