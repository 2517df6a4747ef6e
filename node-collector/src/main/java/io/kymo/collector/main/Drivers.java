package io.kymo.collector.main;

import io.kymo.collector.driver.DriverChoice;
import io.kymo.collector.driver.MissingDriver;
import io.kymo.collector.driver.ebpf.EbpfKind;
import java.util.List;

/** All drivers of this build. A new one is a line here and a word in {@link DriverChoice}. */
final class Drivers {
  private Drivers() {}

  static DriverChoice choice() {
    return new DriverChoice(
        List.of(
            new EbpfKind(),
            new MissingDriver("kmod"),
            new MissingDriver("pcap"),
            new MissingDriver("interface")));
  }
}
