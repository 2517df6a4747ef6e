package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.NetworkNamespace;
import io.kymo.collector.driver.Scope;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Writes the scope and the knobs into the kernel's maps; the last write switches the programs on.
 */
final class ScopeMaps {
  // bpf/include/wire.h: enum kymo_filter, enum kymo_port_rule, struct kymo_settings
  static final int WIRE_VERSION = 1;
  static final int FILTER_NETNS = 1;
  static final int FILTER_CGROUP = 2;
  static final int FILTER_PID = 4;
  static final int FILTER_COMM = 8;
  static final int FILTER_PORT = 16;
  static final int FILTER_EXCLUDED_PORT = 32;
  static final int FILTER_EXCLUDED_PID = 64;
  static final int PORT_ONLY = 1;
  static final int PORT_EXCLUDED = 2;
  static final int PORT_OWN = 4;
  static final int NETNS_ONLY = 1;
  static final int NETNS_OWN = 2;
  static final int CGROUPS_MAX = 16;
  static final int SETTINGS_BYTES = 32;
  static final int VERSION_OFFSET = 0;
  static final int FILTERS_OFFSET = 4;
  static final int OWN_TGID_OFFSET = 8;
  static final int CGROUPS_OFFSET = 12;
  static final int BURST_BYTES_OFFSET = 16;
  static final int SEGMENT_BYTES_OFFSET = 20;
  static final int BURST_PAUSE_OFFSET = 24;

  private final LibBpf library;
  private final int settingsFd;
  private final MapFile netns;
  private final MapFile pids;
  private final MapFile excludedPids;
  private final MapFile comms;
  private final MapFile ports;
  private final MapFile cgroups;
  private final Memory zero = new Memory(4);
  private final Memory settings = new Memory(SETTINGS_BYTES);
  private final Set<Integer> excluded = new HashSet<>();

  ScopeMaps(LibBpf library, BpfObject object, DriverSettings values) {
    this.library = library;
    settingsFd = object.mapFd("settings");
    netns = new MapFile(library, object, "netns", 4);
    pids = new MapFile(library, object, "pids", 4);
    excludedPids = new MapFile(library, object, "excluded_pids", 4);
    comms = new MapFile(library, object, "comms", 16);
    ports = new MapFile(library, object, "ports", 2);
    cgroups = new MapFile(library, object, "cgroups", 4);
    zero.clear();
    settings.clear();
    settings.setInt(OWN_TGID_OFFSET, (int) ProcessHandle.current().pid());
    settings.setInt(BURST_BYTES_OFFSET, values.burstBytes());
    settings.setInt(SEGMENT_BYTES_OFFSET, values.segmentBytes());
    settings.setLong(BURST_PAUSE_OFFSET, values.burstPauseNanos());
  }

  /** Nothing is captured from here on until {@link #apply}. */
  synchronized void pause() {
    settings.setInt(VERSION_OFFSET, 0);
    writeSettings();
  }

  synchronized void apply(Scope scope) {
    pause();
    netns.clear();
    pids.clear();
    comms.clear();
    ports.clear();
    Map<Integer, Integer> rules = new HashMap<>();
    scope.netns().forEach(path -> rules.merge((int) inode(path), NETNS_ONLY, ScopeMaps::or));
    rules.merge((int) NetworkNamespace.own(), NETNS_OWN, ScopeMaps::or);
    rules.forEach(netns::put);
    for (int pid : scope.pids()) {
      pids.put(pid, 1);
    }
    for (String comm : scope.comms()) {
      comms.put(comm.getBytes(StandardCharsets.UTF_8), 1);
    }
    rules.clear();
    scope.ports().forEach(port -> rules.merge(port, PORT_ONLY, ScopeMaps::or));
    scope.excludedPorts().forEach(port -> rules.merge(port, PORT_EXCLUDED, ScopeMaps::or));
    scope.ownPorts().forEach(port -> rules.merge(port, PORT_OWN, ScopeMaps::or));
    rules.forEach(ports::putShort);
    settings.setInt(CGROUPS_OFFSET, writeCgroups(scope.cgroups()));
    settings.setInt(
        FILTERS_OFFSET,
        bit(FILTER_NETNS, scope.netns())
            | bit(FILTER_CGROUP, scope.cgroups())
            | bit(FILTER_PID, scope.pids())
            | bit(FILTER_COMM, scope.comms())
            | bit(FILTER_PORT, scope.ports())
            | bit(FILTER_EXCLUDED_PORT, scope.excludedPorts())
            | bit(FILTER_EXCLUDED_PORT, scope.ownPorts())
            | bit(FILTER_EXCLUDED_PID, excluded));
    settings.setInt(VERSION_OFFSET, WIRE_VERSION);
    writeSettings();
    addDescendants(scope.pids());
  }

  /** After the switch, so that a child born meanwhile is caught by the fork hook, if not here. */
  private void addDescendants(Set<Integer> roots) {
    for (int root : roots) {
      ProcessHandle process =
          ProcessHandle.of(root)
              .orElseThrow(
                  () -> new DriverException("filter pid:" + root + ": there is no such process"));
      process.descendants().forEach(child -> pids.put((int) child.pid(), 1));
    }
  }

  synchronized void exclude(int tgid, boolean leaveOut) {
    if (leaveOut) {
      excludedPids.put(tgid, 1);
      excluded.add(tgid);
    } else {
      excludedPids.remove(tgid);
      excluded.remove(tgid);
    }
    int filters = settings.getInt(FILTERS_OFFSET) & ~FILTER_EXCLUDED_PID;
    settings.setInt(FILTERS_OFFSET, filters | bit(FILTER_EXCLUDED_PID, excluded));
    writeSettings();
  }

  private int writeCgroups(Set<Path> paths) {
    if (paths.size() > CGROUPS_MAX) {
      throw new DriverException(
          "at most " + CGROUPS_MAX + " cgroup filters are possible, not " + paths.size());
    }
    int index = 0;
    for (Path path : paths) {
      int fd =
          LibC.INSTANCE.open(path.toString(), LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC);
      if (fd < 0) {
        throw new DriverException(
            "filter cgroup:" + path + ": " + BpfObject.error(Native.getLastError()));
      }
      try {
        cgroups.put(index++, fd);
      } catch (DriverException e) {
        throw new DriverException("filter cgroup:" + path + ": not a directory of cgroup v2", e);
      } finally {
        LibC.INSTANCE.close(fd);
      }
    }
    return index;
  }

  private static long inode(Path path) {
    try {
      return NetworkNamespace.inode(path);
    } catch (IllegalArgumentException e) {
      throw new DriverException(e.getMessage(), e);
    }
  }

  private static int or(int a, int b) {
    return a | b;
  }

  private static int bit(int bit, Set<?> set) {
    return set.isEmpty() ? 0 : bit;
  }

  private void writeSettings() {
    if (library.bpf_map_update_elem(settingsFd, zero, settings, 0) != 0) {
      throw new DriverException("map settings: " + BpfObject.error(Native.getLastError()));
    }
  }
}
