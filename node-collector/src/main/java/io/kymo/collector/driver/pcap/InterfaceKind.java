package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverKind;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.pcap.live.LiveCapture;

/** The driver of interfaces among the others. */
public final class InterfaceKind implements DriverKind {
  @Override
  public String name() {
    return "interface";
  }

  /** Whether the interface exists is seen at start: it may be in another network namespace. */
  @Override
  public Probe probe(String argument) {
    try {
      LiveCapture.probe();
      return Probe.usable("the kernel gives packet sockets");
    } catch (DriverException e) {
      return Probe.unusable(e.getMessage());
    }
  }

  @Override
  public Driver create(String argument, DriverSettings settings) {
    return new InterfaceDriver(argument, settings);
  }
}
