package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.KernelCounter;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same calls, seen as perf events as on kernels that preempt other programs of calls. */
@Tag("kernel")
class CallsCaptureTest extends KernelCaptureTest {
  @Override
  Flavour flavour() {
    return Flavour.CALLS;
  }

  @Test
  void saysSo() {
    DriverSettings settings = DriverSettings.of(Capture.children());
    try (Capture capture = new Capture(settings, options(), flavour())) {
      assertThat(capture.driver.describe()).contains("(tp_btf, calls by perf, held)");
      assertThat(capture.count(KernelCounter.LOST_NESTED)).isZero();
    }
  }
}
