package io.kymo.collector.driver.kmod;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverKind;
import io.kymo.collector.driver.DriverSettings;

/** The kernel module's driver among the others. */
public final class KmodKind implements DriverKind {
  private final String file;

  /**
   * @param file path of kymo.ko, or empty: the one that is installed for the running kernel
   */
  public KmodKind(String file) {
    this.file = file;
  }

  @Override
  public String name() {
    return "kmod";
  }

  @Override
  public Probe probe(String argument) {
    ModuleFile module = new ModuleFile(file);
    String found = module.found();
    return found == null
        ? Probe.unusable(module.missing())
        : Probe.usable("kernel module " + found);
  }

  @Override
  public Driver create(String argument, DriverSettings settings) {
    return new KmodDriver(settings, new ModuleFile(file));
  }
}
