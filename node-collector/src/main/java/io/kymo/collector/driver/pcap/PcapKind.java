package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverKind;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.Scope;
import java.nio.file.Files;
import java.nio.file.Path;

/** The driver of files among the others. */
public final class PcapKind implements DriverKind {
  @Override
  public String name() {
    return "pcap";
  }

  @Override
  public Probe probe(String argument) {
    for (String file : argument.split("\n")) {
      if (!Files.isReadable(Path.of(file)) || Files.isDirectory(Path.of(file))) {
        return Probe.unusable(file + " is no file that can be read");
      }
    }
    return Probe.usable("the capture can be read");
  }

  @Override
  public Scope nothing() {
    return PortScope.NOTHING;
  }

  @Override
  public Driver create(String argument, DriverSettings settings) {
    return new PcapDriver(argument, settings);
  }
}
