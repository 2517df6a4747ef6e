package io.kymo.collector.driver.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.driver.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Real packets, in a network namespace of the test's own. */
class InterfaceDriverTest {
  private static final String NAMESPACE = "kymo-if" + ProcessHandle.current().pid();

  @BeforeAll
  static void namespace() throws Exception {
    run("ip", "netns", "add", NAMESPACE);
    run("ip", "-n", NAMESPACE, "link", "set", "lo", "up");
  }

  @AfterAll
  static void remove() throws Exception {
    run("ip", "netns", "del", NAMESPACE);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  /** In the namespace; what fails there is meant to. */
  private static void bash(String script) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", NAMESPACE, "bash", "-c"));
    line.add(script);
    new ProcessBuilder(line).redirectErrorStream(true).start().waitFor();
  }

  private static Scope scope(Set<Integer> pids, Set<Integer> ports) {
    Set<Path> here = Set.of(Path.of("/run/netns/" + NAMESPACE));
    return new Scope(here, Set.of(), pids, Set.of(), ports, Set.of(7_003, 7_004));
  }

  private static Driver driver(String name, Scope scope) {
    return new InterfaceKind().create(name, DriverSettings.of(scope));
  }

  private static void drain(Driver driver, Told told, int lines) throws InterruptedException {
    for (int i = 0; i < 500 && told.lines.size() < lines; i++) {
      if (driver.poll(told, 100) == 0) {
        Thread.sleep(10); // the kernel hands blocks over in turns
      }
    }
  }

  @Test
  void seesWhatPassesOnceAndOnlyTheWantedPorts() throws Exception {
    assertThat(new InterfaceKind().probe("lo").usable()).isTrue();
    sees("lo", Set.of());
    sees("lo", Set.of(7_001, 7_002));
    sees("any", Set.of());
    sees("any", Set.of(7_001, 7_002));
    assertThat(scope(Set.of(), Set.of(7_003)).excludedPorts()).containsExactly(7_004);
  }

  private static void sees(String name, Set<Integer> ports) throws Exception {
    Told told = new Told();
    try (Driver driver = driver(name, scope(Set.of(), ports))) {
      driver.start();
      bash(
          "echo -n hello >/dev/udp/127.0.0.1/7001; echo -n no >/dev/udp/127.0.0.1/7003; "
              + "echo -n no >/dev/udp/127.0.0.1/7004; exec 3<>/dev/tcp/127.0.0.1/7002");
      drain(driver, told, 4);
      driver.stop();
      bash("echo -n late >/dev/udp/127.0.0.1/7001");
      drain(driver, told, 5);
      assertThat(told.lines).hasSize(5);
      assertThat(told.lines.get(0)).startsWith("socket UNKNOWN 127.0.0.1:7001 from");
      assertThat(told.lines.get(1)).isEqualTo("in 0 burst hello");
      assertThat(told.lines.get(2)).startsWith("socket SERVER 127.0.0.1:7002 from");
      assertThat(told.lines.get(3)).isEqualTo("CONNECT_FAILED -1 -1 error 111");
      assertThat(told.lines.get(4)).isEqualTo("CLOSED 5 0");
      KernelCounters counters = new KernelCounters(driver.cpus());
      driver.counters(counters);
      assertThat(counters.total(KernelCounter.SEEN_SEGMENTS)).isEqualTo(1);
      assertThat(counters.total(KernelCounter.LOST_RING_EVENTS)).isZero();
      assertThat(driver.capacityBytes()).isEqualTo(8 << 20);
    }
  }

  @Test
  void anInterfaceThatGoesEndsIt() throws Exception {
    run("ip", "-n", NAMESPACE, "link", "add", "kymo0", "type", "veth", "peer", "name", "kymo1");
    Told told = new Told();
    try (Driver driver = driver("kymo0", scope(Set.of(), Set.of()))) {
      driver.start();
      run("ip", "-n", NAMESPACE, "link", "set", "kymo0", "up");
      run("ip", "-n", NAMESPACE, "link", "set", "kymo0", "down");
      for (int i = 0; i < 150; i++) { // longer than it takes to look
        driver.poll(told, 100);
        Thread.sleep(10);
      }
      assertThat(driver.finished()).as("one that is down may come up again").isFalse();
      assertThat(driver.problem()).isNull();

      run("ip", "-n", NAMESPACE, "link", "del", "kymo0");
      while (!driver.finished()) {
        driver.poll(told, 100);
        Thread.sleep(10);
      }
      assertThat(driver.problem()).startsWith("the interface kymo0 has gone");
      driver.stop();
      assertThat(driver.poll(told, 100)).isZero();
    }
  }

  @Test
  void whatARingCanNotHoldIsCounted() throws Exception {
    Told told = new Told();
    DriverSettings small = new DriverSettings(scope(Set.of(), Set.of()), 4096, 0, 0, 16_384, 100);
    try (Driver driver = new InterfaceKind().create("lo", small)) {
      driver.start();
      bash(
          "for i in $(seq 30); do dd if=/dev/zero bs=60000 count=1 >/dev/udp/127.0.0.1/7001; done");
      drain(driver, told, 40);
      KernelCounters counters = new KernelCounters(1);
      driver.counters(counters);
      long lost = counters.total(KernelCounter.LOST_RING_SEGMENTS);
      assertThat(lost).as("beside %s lines", told.lines.size()).isPositive();
      assertThat(counters.total(KernelCounter.SEEN_SEGMENTS)).isGreaterThanOrEqualTo(30);
    }
  }

  @Test
  void refusals() {
    assertThatThrownBy(() -> driver("lo", scope(Set.of(1), Set.of())))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("interface cannot apply filters of kind pid");
    Driver missing = driver("nosuch0", scope(Set.of(), Set.of()));
    assertThatThrownBy(missing::start).hasMessage("there is no interface nosuch0");
    missing.close();
    Set<Path> nowhere = Set.of(Path.of("/run/netns/nosuch"));
    Scope scope = new Scope(nowhere, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());
    Driver lost = driver("lo", scope);
    assertThatThrownBy(lost::start).hasMessage("there is no network namespace /run/netns/nosuch");
  }
}
