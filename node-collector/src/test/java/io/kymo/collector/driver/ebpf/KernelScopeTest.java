package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each kind of filter: of two processes that do the same, all of one is told and nothing of the
 * other.
 */
@Tag("kernel")
class KernelScopeTest {
  private static final int BUDGET = 64 << 10;
  private static final int SELF = (int) ProcessHandle.current().pid();

  private static void onlyTheFirst(Scope scope, Traffic first, Traffic second) throws IOException {
    try (Capture capture = new Capture(DriverSettings.of(scope))) {
      second.run();
      first.run();
      onlyOf(first, capture.finish());
    }
  }

  private static void onlyOf(Traffic traffic, Recorder recorder) {
    Compare.calls(traffic, recorder, BUDGET);
    assertThat(recorder.tgids).containsExactly(traffic.pid);
    assertThat(recorder.facts).isNotEmpty();
  }

  private static Scope and(
      Set<Path> netns,
      Set<Path> cgroups,
      Set<String> comms,
      Set<Integer> ports,
      Set<Integer> excludedPorts) {
    return new Scope(netns, cgroups, Set.of(SELF), comms, ports, excludedPorts);
  }

  @Test
  void process() throws IOException {
    try (Traffic first = new Traffic("port", "34701");
        Traffic second = new Traffic("port", "34702")) {
      onlyTheFirst(Capture.scope(Set.of(first.pid), Set.of()), first, second);
    }
  }

  @Test
  void networkNamespace() throws IOException {
    try (Traffic first = new Traffic("port", "34703", "own-network");
        Traffic second = new Traffic("port", "34703")) {
      assertThat(first.netns).isNotEqualTo(second.netns);
      Path path = Path.of("/proc/" + first.pid + "/ns/net");
      onlyTheFirst(and(Set.of(path), Set.of(), Set.of(), Set.of(), Set.of()), first, second);
    }
  }

  @Test
  void cgroupWithThoseBelow() throws IOException {
    Path root = cgroupRoot().resolve("kymo-test-" + SELF);
    Path below = root.resolve("below");
    try (Traffic first = new Traffic("port", "34704");
        Traffic second = new Traffic("port", "34705")) {
      Files.createDirectories(below);
      Files.writeString(below.resolve("cgroup.procs"), Integer.toString(first.pid));
      onlyTheFirst(and(Set.of(), Set.of(root), Set.of(), Set.of(), Set.of()), first, second);
    } finally {
      Files.deleteIfExists(below);
      Files.deleteIfExists(root);
    }
  }

  private static Path cgroupRoot() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mounts")).stream()
        .map(line -> line.split(" "))
        .filter(words -> words[2].equals("cgroup2"))
        .map(words -> Path.of(words[1]))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no cgroup v2 is mounted: mount -t cgroup2 none /sys/fs/cgroup"));
  }

  @Test
  void nameOfTheProcessNotOfTheThread() throws IOException {
    try (Traffic first = new Traffic("named", "kymo-first");
        Traffic second = new Traffic("named", "kymo-second")) {
      onlyTheFirst(
          and(Set.of(), Set.of(), Set.of("kymo-first"), Set.of(), Set.of()), first, second);
    }
  }

  @Test
  void port() throws IOException {
    try (Traffic first = new Traffic("port", "34706");
        Traffic second = new Traffic("port", "34707")) {
      withoutProcesses(and(Set.of(), Set.of(), Set.of(), Set.of(34_706), Set.of()), first, second);
    }
  }

  @Test
  void portOfAnUnconnectedDatagramsPeer() throws IOException {
    try (Traffic first = new Traffic("ask", "34708");
        Traffic second = new Traffic("ask", "34709")) {
      withoutProcesses(and(Set.of(), Set.of(), Set.of(), Set.of(34_708), Set.of()), first, second);
    }
  }

  @Test
  void excludedPort() throws IOException {
    try (Traffic first = new Traffic("port", "34710");
        Traffic second = new Traffic("port", "34711")) {
      withoutProcesses(and(Set.of(), Set.of(), Set.of(), Set.of(), Set.of(34_711)), first, second);
    }
  }

  @Test
  void ownPortIsExcludedAtLoopbackOfTheOwnNamespaceOnly() throws IOException {
    Scope scope =
        and(Set.of(), Set.of(), Set.of(), Set.of(), Set.of()).withoutOwn(Set.of(34_716, 34_717));
    try (Traffic elsewhere = new Traffic("port", "34716", "own-network");
        Traffic own = new Traffic("port", "34717")) {
      withoutProcesses(scope, elsewhere, own);
    }
  }

  @Test
  void aPortThatIsWantedIsNotExcluded() throws IOException {
    Scope scope = and(Set.of(), Set.of(), Set.of(), Set.of(34_718), Set.of(34_718, 34_719));
    try (Traffic first = new Traffic("port", "34718");
        Traffic second = new Traffic("port", "34719")) {
      withoutProcesses(scope, first, second);
    }
  }

  /** Ports say nothing of processes: their ends are told of both. */
  private static void withoutProcesses(Scope scope, Traffic first, Traffic second)
      throws IOException {
    try (Capture capture = new Capture(DriverSettings.of(scope))) {
      second.run();
      first.run();
      Recorder recorder = capture.finish();
      Compare.calls(first, recorder, BUDGET);
      assertThat(recorder.lives.keySet()).isSubsetOf(recorder.facts.keySet());
      assertThat(recorder.facts.keySet())
          .allMatch(
              inode ->
                  first.calls.containsKey(Traffic.key(inode, true))
                      || first.calls.containsKey(Traffic.key(inode, false)));
    }
  }

  @Test
  void severalKindsMustAllMatch() throws IOException {
    try (Traffic first = new Traffic("port", "34712");
        Traffic second = new Traffic("port", "34712", "own-network")) {
      Path other = Path.of("/proc/" + second.pid + "/ns/net");
      try (Capture capture =
          new Capture(DriverSettings.of(Capture.scope(Set.of(first.pid), Set.of(other))))) {
        first.run();
        second.run();
        Recorder recorder = capture.finish();
        assertThat(recorder.facts).isEmpty();
        assertThat(recorder.pieces).isEmpty();
      }
    }
  }

  @Test
  void excludedProcessAndChangeWhileRunning() throws IOException {
    try (Traffic first = new Traffic("port", "34713");
        Traffic second = new Traffic("port", "34714");
        Traffic third = new Traffic("port", "34715");
        Capture capture = new Capture()) {
      capture.driver.excludeProcess(second.pid, true);
      second.run();
      capture.driver.scope(Capture.scope(Set.of(first.pid), Set.of()));
      third.run();
      first.run();
      onlyOf(first, capture.finish());
    }
  }
}
