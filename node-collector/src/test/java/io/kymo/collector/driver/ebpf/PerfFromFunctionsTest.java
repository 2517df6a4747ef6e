package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerfFromFunctionsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Linux version 5.10.0-35-cloud-amd64 (debian-kernel@lists.debian.org) (gcc-10 (Debian 10.2.1-6) 10.2.1 20210110) #1 SMP Debian 5.10.237-1 (2025-05-19)",
        "Linux version 5.15.0-91-generic (buildd@x) (gcc (Ubuntu 11.4.0-1ubuntu1) 11.4.0) #101-Ubuntu SMP Tue Nov 14 2023",
        "Linux version 6.1.0-37-cloud-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)",
        "Linux version 6.1.45 (x@y) (gcc 12.2.0) #1 SMP",
        "Linux version 6.4.10-200.fc38.x86_64 (x@y) (gcc (GCC) 13.2.1) #1 SMP",
        "Linux version 6.5.0 (x@y) #1 SMP",
        "Linux version 6.12.6 (x@y) #1 SMP",
        "Linux version 7.2.1+deb14-cloud-amd64 (x@y) #1 SMP",
      })
  void safe(String version) {
    assertThat(PerfFromFunctions.refusal(version)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Linux version 6.0.19 (x@y) #1 SMP",
        "Linux version 6.1.0-10-amd64 (debian-kernel@lists.debian.org) (gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP PREEMPT_DYNAMIC Debian 6.1.38-2 (2023-07-27)",
        "Linux version 6.1.44 (x@y) (gcc 6.3.60) #1 SMP",
        "Linux version 6.2.0-39-generic (buildd@x) (x86_64-linux-gnu-gcc-11 11.4.0) #40~22.04.1-Ubuntu SMP PREEMPT_DYNAMIC",
        "Linux version 6.4.9 (x@y) #1 SMP",
      })
  void mayCrash(String version) {
    assertThat(PerfFromFunctions.refusal(version)).contains("capture.transport");
  }
}
