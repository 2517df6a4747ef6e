package io.kymo.collector.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessTableTest {
  @TempDir Path root;
  private final Counters counters = new Counters();
  private ProcessTable table;

  @BeforeEach
  void boot() throws Exception {
    Files.writeString(root.resolve("stat"), "btime 1000\n");
    table = new ProcessTable(new ProcessReader(new ProcFs(root)), counters, 2);
  }

  @Test
  void readsWhatTheCheckedInTreeHolds() {
    ProcessReader reader = new ProcessReader(Trees.proc());

    assertThat(reader.read(100).containerId()).startsWith("3f1c").hasSize(64);
    assertThat(reader.read(100).startNs()).isEqualTo(1_700_000_000_000_000_000L + 123_450_000_000L);
    assertThat(reader.read(100).executable()).isEqualTo("/usr/sbin/nginx");
    assertThat(reader.read(200).containerId()).startsWith("7a2b");
    assertThat(reader.read(300).containerId()).startsWith("9c3d");
    assertThat(reader.read(300).cgroup()).startsWith("/kubepods.slice/");
    assertThat(reader.read(400).containerId()).startsWith("5e4f");
    assertThat(reader.read(401).containerId()).isEmpty();
    assertThat(reader.read(500))
        .isEqualTo(
            new ProcessFacts(
                500,
                1_700_000_008_000_000_000L,
                "a (b) c",
                "/home/me/tool",
                "/user.slice/user-0.slice/session-1.scope",
                ""));
    assertThat(reader.read(600).executable()).isEmpty();
    assertThat(reader.read(999)).isNull();
  }

  @Test
  void aProgramHasTheNameByWhichItWasCalled() throws Exception {
    process(8, "redis-server", 5);
    Path bin = Files.createDirectories(root.resolve("8").resolve("root").resolve("usr/bin"));
    Path file = Files.createFile(bin.resolve("redis-check-rdb"));
    Files.createSymbolicLink(bin.resolve("redis-server"), Path.of("redis-check-rdb"));
    Files.createFile(bin.resolve("other"));
    Files.deleteIfExists(root.resolve("8/exe"));
    Files.createSymbolicLink(root.resolve("8/exe"), file);
    String exe = file.toString();
    ProcessReader reader = new ProcessReader(new ProcFs(root));

    Files.writeString(root.resolve("8/cmdline"), "/usr/bin/redis-server *:6379\0");
    assertThat(reader.read(8).executable()).isEqualTo("/usr/bin/redis-server");
    Files.writeString(root.resolve("8/cmdline"), "/usr/bin/redis-server\0*:6379\0");
    assertThat(reader.read(8).executable()).isEqualTo("/usr/bin/redis-server");
    for (String title : new String[] {"", "/usr/bin/other\0", "redis: worker", "/no/such\0-x\0"}) {
      Files.writeString(root.resolve("8/cmdline"), title);
      assertThat(reader.read(8).executable()).as(title).isEqualTo(exe);
    }
  }

  @Test
  void factsStayAfterExitForLateEvents() throws Exception {
    process(7, "curl", 5);
    ProcessFacts facts = table.running(7, "");
    table.exited(7);
    Files.delete(root.resolve("7/stat"));

    assertThat(table.running(7, "ignored")).isSameAs(facts);
  }

  @Test
  void anIdThatIsUsedAgainIsReadAgain() throws Exception {
    process(7, "curl", 5);
    table.running(7, "");
    table.exited(7);
    process(7, "wrk", 900);

    assertThat(table.running(7, "").comm()).isEqualTo("wrk");
  }

  @Test
  void execMakesNewFacts() throws Exception {
    process(7, "sh", 5);
    table.running(7, "");
    process(7, "curl", 5);

    assertThat(table.running(7, "").comm()).isEqualTo("sh");
    assertThat(table.executed(7, "").comm()).isEqualTo("curl");
    assertThat(table.running(7, "").comm()).isEqualTo("curl");
  }

  @Test
  void goneBeforeAnyoneLookedKeepsTheKernelsName() {
    assertThat(table.running(9, "dig")).isEqualTo(new ProcessFacts(9, 0, "dig", "", "", ""));
    assertThat(table.running(9, "dig").known()).isFalse();
    assertThat(counters.get(CollectorCounter.PROCESSES_UNREAD)).isEqualTo(1);
  }

  @Test
  void forkedAndGoneBeforeAnyoneLookedIsInItsParentsContainer() throws Exception {
    process(7, "sh", 5);
    Files.writeString(root.resolve("7/cgroup"), "0::/docker/" + "ab".repeat(32) + "\n");
    table.running(7, "");

    table.forked(8, 7);
    assertThat(table.running(8, "").comm()).isEqualTo("sh");
    assertThat(table.executed(8, "dig").comm()).isEqualTo("dig");
    table.exited(8);

    assertThat(table.running(8, "").containerId()).isEqualTo("ab".repeat(32));
    assertThat(table.running(8, "").comm()).isEqualTo("dig");
  }

  @Test
  void boundedByForgettingTheOneAskedForLongestAgo() throws Exception {
    process(1, "one", 5);
    process(2, "two", 5);
    table.running(1, "");
    table.running(2, "");
    table.running(1, "");
    table.running(3, "three");
    Files.delete(root.resolve("1/stat"));
    Files.delete(root.resolve("2/stat"));

    assertThat(table.size()).isEqualTo(2);
    assertThat(table.running(1, "").known()).isTrue();
    assertThat(table.running(2, "").known()).isFalse();
  }

  private void process(int pid, String comm, long startTicks) throws Exception {
    Path directory = Files.createDirectories(root.resolve(String.valueOf(pid)));
    String fields = "S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + startTicks + " 0 0";
    Files.writeString(directory.resolve("stat"), pid + " (" + comm + ") " + fields + "\n");
  }
}
