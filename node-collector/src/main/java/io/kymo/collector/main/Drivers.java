package io.kymo.collector.main;

import io.kymo.collector.driver.DriverChoice;
import io.kymo.collector.driver.ebpf.EbpfKind;
import io.kymo.collector.driver.ebpf.EbpfOptions;
import io.kymo.collector.driver.kmod.KmodKind;
import io.kymo.collector.driver.pcap.InterfaceKind;
import io.kymo.collector.driver.pcap.PcapKind;
import java.util.List;

/** All drivers of this build. A new one is a line here and a word in {@link DriverChoice}. */
final class Drivers {
  private Drivers() {}

  /**
   * @param module setting capture.module
   */
  static DriverChoice choice(EbpfOptions options, String module) {
    return new DriverChoice(
        List.of(new EbpfKind(options), new KmodKind(module), new PcapKind(), new InterfaceKind()));
  }
}
