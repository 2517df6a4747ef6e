package io.kymo.collector.config;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is captured. Values of one kind: any of them must match; different kinds: all must match. A
 * kind without values matches everything.
 *
 * @param networkNamespaces paths of network namespaces, for example /run/netns/blue
 * @param cgroups paths of cgroups (with what is below them) as under /sys/fs/cgroup
 * @param pids process ids; their children are captured too
 * @param comms names of processes as the kernel has them
 * @param ports local or remote ports
 */
public record CaptureFilter(
    Set<String> networkNamespaces,
    Set<String> cgroups,
    Set<Integer> pids,
    Set<String> comms,
    Set<Integer> ports) {
  /** TASK_COMM_LEN of the kernel without the final NUL. */
  private static final int COMM_BYTES = 15;

  private static final int PID_MAX = 1 << 22;
  private static final int PORT_MAX = 65_535;

  /** Everything on the node. */
  public static CaptureFilter all() {
    return parse(List.of());
  }

  /**
   * @param terms each {@code netns:PATH}, {@code cgroup:PATH}, {@code pid:N}, {@code comm:NAME} or
   *     {@code port:N}
   * @throws IllegalArgumentException with a message that names the term and what it should be
   */
  public static CaptureFilter parse(List<String> terms) {
    CaptureFilter filter =
        new CaptureFilter(
            new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    for (String term : terms) {
      filter.add(term.trim());
    }
    return filter;
  }

  public boolean isEmpty() {
    return networkNamespaces.isEmpty()
        && cgroups.isEmpty()
        && pids.isEmpty()
        && comms.isEmpty()
        && ports.isEmpty();
  }

  private void add(String term) {
    int colon = term.indexOf(':');
    String kind = colon < 0 ? term : term.substring(0, colon);
    String value = colon < 0 ? "" : term.substring(colon + 1);
    switch (kind) {
      case "netns" -> networkNamespaces.add(absolute(term, value));
      case "cgroup" -> cgroups.add(absolute(term, value));
      case "pid" -> pids.add(number(term, value, PID_MAX));
      case "comm" -> comms.add(comm(term, value));
      case "port" -> ports.add(number(term, value, PORT_MAX));
      default ->
          throw new IllegalArgumentException(
              "'" + term + "': use netns:PATH, cgroup:PATH, pid:N, comm:NAME or port:N");
    }
  }

  private static String absolute(String term, String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("'" + term + "': the path must begin with /");
    }
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private static String comm(String term, String name) {
    int length = name.getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > COMM_BYTES) {
      throw new IllegalArgumentException(
          "'" + term + "': the kernel keeps 1 to " + COMM_BYTES + " bytes of a process's name");
    }
    return name;
  }

  private static int number(String term, String value, int max) {
    try {
      int number = Integer.parseInt(value);
      if (number >= 1 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // same message as for a number out of range
    }
    throw new IllegalArgumentException("'" + term + "': needs a number from 1 to " + max);
  }
}
