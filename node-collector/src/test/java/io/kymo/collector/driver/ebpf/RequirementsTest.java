package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that may be missing is one line that says what to do. */
class RequirementsTest {
  private static final int SELF = (int) ProcessHandle.current().pid();
  @TempDir private Path directory;

  private static void says(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOf(DriverException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  @Test
  void notPermitted() throws IOException {
    Path status = directory.resolve("status");
    Files.writeString(status, "Name:\tjava\nCapEff:\t0000000000000000\n");
    says(() -> Requirements.checkCapabilities(status), "run as root", "CAP_BPF");
    Files.writeString(status, "CapEff:\t000000c000000000\n");
    Requirements.checkCapabilities(status);
    Files.writeString(status, "CapEff:\t0000008000000000\n");
    says(() -> Requirements.checkCapabilities(status), "CAP_PERFMON");
  }

  @Test
  void noBtf() throws IOException {
    Path text = Files.writeString(directory.resolve("passwd"), "root:x:0:0");
    says(() -> Requirements.checkBtfFile(text), "passwd is no description of types", "bpftool");
    says(() -> Requirements.checkBtfFile(directory.resolve("nosuch")), "nosuch can not be read");
    Requirements.checkBtfFile(Path.of("/sys/kernel/btf/vmlinux"));
    says(() -> Requirements.checkBtf(directory.resolve("vmlinux")), "BTF", "CONFIG_DEBUG_INFO_BTF");
  }

  @Test
  void noLibrary() {
    says(
        () -> Requirements.loadLibrary("libbpf-that-is-missing.so.1"),
        "install the package libbpf1");
  }

  @Test
  void anotherMachine() {
    says(() -> Requirements.checkMachine("Linux", "riscv64"), "x86-64", "riscv64");
    Requirements.checkMachine("Linux", "aarch64");
    says(() -> Requirements.checkMachine("Mac OS X", "amd64"), "Linux");
  }

  @Test
  @Tag("kernel")
  void filtersThatNameNothing() {
    Path nowhere = directory.resolve("nowhere");
    says(
        () ->
            start(new Scope(Set.of(nowhere), Set.of(), Set.of(SELF), Set.of(), Set.of(), Set.of())),
        "netns:" + nowhere);
    says(
        () ->
            start(new Scope(Set.of(), Set.of(nowhere), Set.of(SELF), Set.of(), Set.of(), Set.of())),
        "cgroup:" + nowhere);
    says(
        () ->
            start(
                new Scope(Set.of(), Set.of(directory), Set.of(SELF), Set.of(), Set.of(), Set.of())),
        "not a directory of cgroup v2");
    says(
        () -> start(Capture.scope(Set.of(Integer.MAX_VALUE), Set.of())),
        "pid:2147483647",
        "no such process");
  }

  private static void start(Scope scope) {
    try (EbpfDriver driver = new EbpfDriver(DriverSettings.of(scope))) {
      driver.start();
    }
  }
}
