package io.kymo.collector.process;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds a process's cgroup and container in /proc/PID/cgroup, whose lines are {@code
 * hierarchy:controllers:path} (cgroups(7)); version 2 is the line {@code 0::path}.
 *
 * <p>Containers stand in the path as 64 hex digits: {@code docker-ID.scope}, {@code
 * cri-containerd-ID.scope}, {@code crio-ID.scope}, {@code libpod-ID.scope} with the systemd driver;
 * {@code /docker/ID}, {@code /kubepods/…/podUID/ID}, {@code …:cri-containerd:ID} with others. The
 * innermost counts (kind runs containers in containers). A runtime's monitor ({@code
 * crio-conmon-ID}, {@code libpod-conmon-ID}) is outside of its container.
 */
final class ContainerCgroup {
  private static final Pattern ID =
      Pattern.compile("(?<=[/:-])([0-9a-f]{64})(?=\\.scope(?:/|$)|/|$)");

  private final String path;
  private final String containerId;

  private ContainerCgroup(String path, String containerId) {
    this.path = path;
    this.containerId = containerId;
  }

  /** The line that names a container, else version 2's, else version 1's "systemd", else any. */
  static ContainerCgroup parse(String file) {
    String best = "";
    int bestRank = 0;
    for (String line : file.split("\n", -1)) {
      int controllers = line.indexOf(':') + 1;
      int path = line.indexOf(':', controllers) + 1;
      if (controllers == 0 || path == 0) {
        continue;
      }
      String candidate = line.substring(path);
      String container = containerId(candidate);
      if (!container.isEmpty()) {
        return new ContainerCgroup(candidate, container);
      }
      int rank = rank(line, controllers, path, candidate);
      if (rank > bestRank) {
        best = candidate;
        bestRank = rank;
      }
    }
    return new ContainerCgroup(best, "");
  }

  /** On hybrid hosts version 2's path may be the root while version 1 tells more. */
  private static int rank(String line, int controllers, int path, String candidate) {
    if (candidate.equals("/")) {
      return 1;
    }
    if (controllers == path - 1) {
      return 4;
    }
    return line.startsWith("name=systemd", controllers) ? 3 : 2;
  }

  private static String containerId(String path) {
    String id = "";
    Matcher matcher = ID.matcher(path);
    while (matcher.find()) {
      boolean monitor =
          path.startsWith("conmon-", Math.max(0, matcher.start() - "conmon-".length()));
      id = monitor ? "" : matcher.group();
    }
    return id;
  }

  /** Empty when there is none. */
  String path() {
    return path;
  }

  /** Empty outside containers. */
  String containerId() {
    return containerId;
  }
}
