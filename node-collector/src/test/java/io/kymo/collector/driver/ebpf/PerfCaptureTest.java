package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.DriverSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same calls, seen through perf buffers as on kernels without a ring buffer. */
@Tag("kernel")
class PerfCaptureTest extends KernelCaptureTest {
  @Override
  EbpfOptions options() {
    return new EbpfOptions(Transport.PERFBUF, null);
  }

  @Test
  void saysSo() {
    try (Capture capture = new Capture(DriverSettings.of(Capture.children()), options(), null)) {
      assertThat(capture.driver.describe()).contains("perf buffers of 8192 KiB");
    }
  }
}
