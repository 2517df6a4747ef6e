package io.kymo.collector.driver.kmod;

import com.sun.jna.Memory;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.NetworkNamespace;
import io.kymo.collector.driver.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Tells the module the scope and the knobs; the last call switches it on. */
final class ModuleScope {
  // bpf/include/wire.h: enum kymo_filter, struct kymo_settings, struct kymo_member
  static final int NETNS = 1;
  static final int CGROUP = 2;
  static final int PID = 4;
  static final int COMM = 8;
  static final int PORT = 16;
  static final int EXCLUDED_PORT = 32;
  static final int EXCLUDED_PID = 64;
  static final int OWN_PORT = 128;
  static final int SETTINGS_BYTES = 32;
  static final int FILTERS_OFFSET = 4;
  static final int BURST_BYTES_OFFSET = 16;
  static final int SEGMENT_BYTES_OFFSET = 20;
  static final int BURST_PAUSE_OFFSET = 24;
  static final int MEMBER_BYTES = 32;
  static final int NUMBER_OFFSET = 4;
  static final int CGROUP_OFFSET = 8;
  static final int TEXT_OFFSET = 16;

  private final Device device;
  private final Memory settings = new Memory(SETTINGS_BYTES);
  private final Memory member = new Memory(MEMBER_BYTES);
  private final Set<Integer> excluded = new HashSet<>();

  ModuleScope(Device device, DriverSettings values) {
    this.device = device;
    settings.clear();
    settings.setInt(BURST_BYTES_OFFSET, values.burstBytes());
    settings.setInt(SEGMENT_BYTES_OFFSET, values.segmentBytes());
    settings.setLong(BURST_PAUSE_OFFSET, values.burstPauseNanos());
  }

  /** Nothing is captured from here on until {@link #apply}. */
  synchronized void pause() {
    settings.setInt(0, 0);
    device.control(Device.SETTINGS, settings, "pausing");
  }

  synchronized void apply(Scope scope) {
    pause();
    for (int set : new int[] {NETNS, CGROUP, PID, COMM, PORT, EXCLUDED_PORT, OWN_PORT}) {
      member.setInt(0, set);
      device.control(Device.CLEAR, member, "clearing a filter");
    }
    for (Path path : scope.netns()) {
      add(NETNS, namespace(path), 0, "", "netns:" + path);
    }
    for (Path path : scope.cgroups()) {
      add(CGROUP, 0, directory(path), "", "cgroup:" + path);
    }
    scope.pids().forEach(pid -> add(PID, pid, 0, "", "pid:" + pid));
    scope.comms().forEach(comm -> add(COMM, 0, 0, comm, "comm:" + comm));
    scope.ports().forEach(port -> add(PORT, port, 0, "", "port:" + port));
    scope.excludedPorts().forEach(port -> add(EXCLUDED_PORT, port, 0, "", "port:" + port));
    scope.ownPorts().forEach(port -> add(OWN_PORT, port, 0, "", "port:" + port));
    settings.setInt(
        FILTERS_OFFSET,
        bit(NETNS, scope.netns())
            | bit(CGROUP, scope.cgroups())
            | bit(PID, scope.pids())
            | bit(COMM, scope.comms())
            | bit(PORT, scope.ports())
            | bit(EXCLUDED_PORT, scope.excludedPorts())
            | bit(EXCLUDED_PORT, scope.ownPorts())
            | bit(EXCLUDED_PID, excluded));
    settings.setInt(0, Device.WIRE_VERSION);
    device.control(Device.SETTINGS, settings, "switching on");
    addDescendants(scope.pids());
  }

  /** After the switch, so that a child born meanwhile is caught by the fork hook, if not here. */
  private void addDescendants(Set<Integer> roots) {
    for (int root : roots) {
      ProcessHandle process =
          ProcessHandle.of(root)
              .orElseThrow(
                  () -> new DriverException("filter pid:" + root + ": there is no such process"));
      process.descendants().forEach(child -> add(PID, (int) child.pid(), 0, "", "pid:" + root));
    }
  }

  synchronized void exclude(int tgid, boolean leaveOut) {
    if (leaveOut) {
      add(EXCLUDED_PID, tgid, 0, "", "a process left out");
      excluded.add(tgid);
    } else {
      fill(EXCLUDED_PID, tgid, 0, "");
      device.control(Device.REMOVE, member, "taking a process in");
      excluded.remove(tgid);
    }
    int filters = settings.getInt(FILTERS_OFFSET) & ~EXCLUDED_PID;
    settings.setInt(FILTERS_OFFSET, filters | bit(EXCLUDED_PID, excluded));
    device.control(Device.SETTINGS, settings, "leaving a process out");
  }

  private void add(int set, int number, long cgroup, String text, String filter) {
    fill(set, number, cgroup, text);
    device.control(Device.ADD, member, "filter " + filter);
  }

  private void fill(int set, int number, long cgroup, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    member.clear();
    member.setInt(0, set);
    member.setInt(NUMBER_OFFSET, number);
    member.setLong(CGROUP_OFFSET, cgroup);
    member.write(TEXT_OFFSET, bytes, 0, bytes.length);
  }

  private static int namespace(Path path) {
    try {
      return (int) NetworkNamespace.inode(path);
    } catch (IllegalArgumentException e) {
      throw new DriverException(e.getMessage(), e);
    }
  }

  private static long directory(Path path) {
    try {
      if (!Files.exists(path.resolve("cgroup.procs"))) {
        throw new DriverException("filter cgroup:" + path + ": not a directory of cgroup v2");
      }
      return (long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      throw new DriverException("filter cgroup:" + path + ": " + e.getMessage(), e);
    }
  }

  private static int bit(int bit, Set<?> set) {
    return set.isEmpty() ? 0 : bit;
  }
}
