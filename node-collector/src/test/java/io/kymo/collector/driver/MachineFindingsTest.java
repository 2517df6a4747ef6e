package io.kymo.collector.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineFindingsTest {
  @TempDir private Path root;

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private Map<String, Finding> findings() {
    return new MachineFindings(root)
        .all().stream().collect(Collectors.toMap(Finding::name, finding -> finding));
  }

  @Test
  void aMachineThatHasEverything() throws IOException {
    file("proc/sys/kernel/osrelease", "6.1.0-test\n");
    file("proc/self/status", "Name:\tjava\nCapEff:\t000001ffffffffff\n");
    file(
        "proc/self/limits",
        "Limit  Soft Limit\nMax locked memory         8388608     8388608  bytes\n");
    file("proc/modules", "");
    file("proc/net/packet", "");
    file("sys/module/module/parameters/sig_enforce", "N\n");
    file("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
    file("sys/kernel/btf/vmlinux", "");
    file("sys/kernel/tracing/events/x", "");
    file("sys/bus/event_source/devices/uprobe/type", "8\n");
    file("sys/fs/cgroup/cgroup.controllers", "cpu\n");
    file("lib/modules/6.1.0-test/build/Makefile", "");

    assertThat(findings().values()).allMatch(Finding::there).allMatch(f -> f.remedy().isEmpty());
    assertThat(findings().get("kernel").detail()).contains("6.1.0-test");
    assertThat(findings().get("memlock").detail()).startsWith("8388608 ");
    assertThat(findings().get("cgroup").detail()).isEqualTo("version 2");
  }

  @Test
  void aMachineThatHasNothing() throws IOException {
    file("proc/sys/kernel/osrelease", "4.9.0\n");
    file("proc/self/status", "CapEff:\t0000000000200000\n");
    file("proc/modules", "");
    file("sys/module/module/parameters/sig_enforce", "Y\n");
    file("sys/kernel/security/lockdown", "none [integrity] confidentiality\n");

    Map<String, Finding> findings = findings();
    assertThat(findings.get("capabilities").detail())
        .isEqualTo("without CAP_NET_RAW, CAP_SYS_MODULE, CAP_SYS_PTRACE, CAP_PERFMON, CAP_BPF");
    assertThat(findings.values())
        .filteredOn(finding -> !finding.there())
        .extracting(Finding::name)
        .containsExactlyInAnyOrder(
            "capabilities",
            "lockdown",
            "memlock",
            "btf",
            "uprobes",
            "tracefs",
            "cgroup",
            "af-packet",
            "modules",
            "kernel-headers");
    assertThat(findings.values())
        .filteredOn(finding -> !finding.there())
        .allSatisfy(finding -> assertThat(finding.remedy()).isNotBlank());
    assertThat(findings.get("kernel-headers").remedy()).contains("linux-headers-4.9.0");
  }
}
