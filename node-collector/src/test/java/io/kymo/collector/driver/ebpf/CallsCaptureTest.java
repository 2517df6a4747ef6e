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

  /** Where programs have stacks of the CPU, those of functions must hold preemption. */
  @Test
  void functionsAreLeftOutWhereTheyMightPreemptEachOther() throws Exception {
    DriverSettings settings = DriverSettings.of(Capture.children());
    LibBpf library = Requirements.check(EbpfOptions.DEFAULT);
    boolean hazard = KernelFeatures.of(library).privateStacks();
    String dump = "bpftool btf dump file /sys/kernel/btf/vmlinux | grep -q \"'priv_stack_ptr'\"";
    assertThat(new ProcessBuilder("sh", "-c", dump).start().waitFor() == 0).isEqualTo(hazard);
    try (Capture capture = new Capture(settings, options(), Flavour.TYPED)) {
      assertThat(capture.driver.functionProbes() == null).isEqualTo(hazard);
      assertThat(capture.driver.describe().contains("may crash")).isEqualTo(hazard);
    }
    try (Capture capture = new Capture(settings, options(), Flavour.HELD)) {
      assertThat(capture.driver.functionProbes()).isNotNull();
    }
  }

  @Test
  void saysSo() {
    DriverSettings settings = DriverSettings.of(Capture.children());
    try (Capture capture = new Capture(settings, options(), flavour())) {
      assertThat(capture.driver.describe()).contains("(tp_btf, calls by perf, held)");
      assertThat(capture.count(KernelCounter.LOST_NESTED)).isZero();
      assertThat(capture.driver.nested()).isEmpty();
    }
  }
}
