package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.KernelCounter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kernel's types from a file: cut down to what the programs look at, by bpftool. */
@Tag("kernel")
class BtfFileTest {
  private static final Path OBJECT =
      Path.of("target/classes/io/kymo/collector/driver/ebpf/kymo.bpf.o");
  private static final Path KERNEL = Path.of("/sys/kernel/btf/vmlinux");
  @TempDir private Path directory;

  @Test
  void aCutDownFileDoes() throws IOException, InterruptedException {
    Path file = directory.resolve("min.btf");
    Process cut =
        new ProcessBuilder(
                "bpftool",
                "gen",
                "min_core_btf",
                KERNEL.toString(),
                file.toString(),
                OBJECT.toString())
            .inheritIO()
            .start();
    assertThat(cut.waitFor()).isZero();
    assertThat(Files.size(file)).isLessThan(Files.size(KERNEL) / 10);

    EbpfOptions options = new EbpfOptions(Transport.AUTO, file);
    for (Flavour only : new Flavour[] {null, Flavour.RAW}) {
      try (Capture capture = new Capture(DriverSettings.of(Capture.children()), options, only);
          Traffic traffic = new Traffic("datagrams")) {
        assertThat(capture.driver.describe()).contains(file.toString());
        traffic.run();
        Compare.calls(traffic, capture.finish(), 64 << 10);
        assertThat(capture.count(KernelCounter.LOST_RING_EVENTS)).isZero();
      }
    }
  }

  @Test
  void aFileThatIsNoneIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("no.btf"), "nothing");
    EbpfOptions options = new EbpfOptions(Transport.AUTO, file);
    assertThatThrownBy(
            () -> new Capture(DriverSettings.of(Capture.children()), options, null).close())
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("no.btf is no description of types");
  }
}
