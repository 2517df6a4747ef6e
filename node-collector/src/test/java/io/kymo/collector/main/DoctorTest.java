package io.kymo.collector.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverChoice;
import io.kymo.collector.driver.DriverKind;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.Finding;
import io.kymo.collector.driver.pcap.InterfaceKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorTest {
  private final FakeDriver driver = new FakeDriver();
  private final List<Finding> findings =
      List.of(
          Finding.there("kernel", "Linux \"6\""), Finding.missing("btf", "no file", "build it in"));

  private Doctor doctor(boolean usable) {
    DriverKind kind =
        new DriverKind() {
          @Override
          public String name() {
            return "ebpf";
          }

          @Override
          public Probe probe(String argument) {
            return usable ? Probe.usable("all is there") : Probe.unusable("no BTF");
          }

          @Override
          public Driver create(String argument, DriverSettings settings) {
            return driver;
          }
        };
    return new Doctor(findings, new DriverChoice(List.of(kind)), "auto");
  }

  @Test
  void saysWhatIsUsedAndLetsGoOfIt() {
    Doctor doctor = doctor(true);

    assertThat(doctor.usable()).isTrue();
    assertThat(driver.stopped).isTrue();
    assertThat(doctor.text())
        .contains("yes kernel", "no  btf", "→ build it in", "yes driver ebpf", "Used: fake");
    assertThat(doctor.json())
        .startsWith("{\"usable\":true,\"used\":\"fake\",\"problem\":\"\"")
        .contains("\"detail\":\"Linux \\\"6\\\"\"")
        .endsWith("}\n");
  }

  @Test
  void interfacesAreLookedForAndTakeNoProcesses() {
    DriverChoice choice = new DriverChoice(List.of(new InterfaceKind()));

    Doctor there = new Doctor(findings, choice, "interface:lo");
    assertThat(there.text()).contains("yes driver interface:lo", "Used: interface lo");
    Doctor missing = new Doctor(findings, choice, "interface:nosuch0");
    assertThat(missing.usable()).isFalse();
    assertThat(missing.text())
        .contains("no  driver interface:nosuch0 there is no interface nosuch0")
        .contains("Not usable: no usable driver: interface:nosuch0: there is no interface");
  }

  @Test
  void saysWhyNothingCanBeUsed() {
    Doctor doctor = doctor(false);

    assertThat(doctor.usable()).isFalse();
    assertThat(doctor.text()).contains("Not usable: no usable driver: ebpf: no BTF");
    assertThat(doctor.json()).contains("\"usable\":false", "\"driver\":\"kmod\"");
  }
}
