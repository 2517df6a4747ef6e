package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverKind;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.driver.pcap.live.LiveCapture;

/** The driver of interfaces among the others. */
public final class InterfaceKind implements DriverKind {
  @Override
  public String name() {
    return "interface";
  }

  @Override
  public Probe probe(String argument) {
    return probe(argument, Scope.ALL);
  }

  @Override
  public Probe probe(String argument, Scope scope) {
    try {
      LiveCapture.probe(argument, scope);
      return Probe.usable("it is there, and the kernel gives packet sockets");
    } catch (DriverException e) {
      return Probe.unusable(e.getMessage());
    }
  }

  @Override
  public Scope nothing() {
    return PortScope.NOTHING;
  }

  @Override
  public Driver create(String argument, DriverSettings settings) {
    return new InterfaceDriver(argument, settings);
  }
}
