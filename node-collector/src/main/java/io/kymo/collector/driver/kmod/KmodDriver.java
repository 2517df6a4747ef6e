package io.kymo.collector.driver.kmod;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.driver.Scope;

/**
 * Captures with the kernel module, where eBPF is not to be had. The module sees what the eBPF
 * programs see; it is unloaded at the end when it was loaded here.
 */
final class KmodDriver implements Driver {
  private final DriverSettings settings;
  private final ModuleFile module;
  private Device device;
  private MergedRings rings;
  private ModuleScope scope;
  private ModuleReasons reasons;

  KmodDriver(DriverSettings settings, ModuleFile module) {
    this.settings = settings;
    this.module = module;
  }

  @Override
  public String name() {
    return "kmod";
  }

  @Override
  public String describe() {
    return "kmod on Linux "
        + System.getProperty("os.version")
        + ", "
        + rings.size()
        + " CPUs, a ring of "
        + device.ringBytes() / 1024
        + " KiB each";
  }

  @Override
  public void start() {
    module.load();
    device = new Device();
    rings = new MergedRings(device.setUp(settings), System::nanoTime);
    reasons = new ModuleReasons(device);
    scope = new ModuleScope(device, settings);
    scope.apply(settings.scope());
  }

  @Override
  public int poll(EventHandler handler, int limit) {
    return rings.poll(handler, limit);
  }

  @Override
  public void sampleTcp() {
    device.sample();
  }

  @Override
  public String reason(int kind, int code) {
    return reasons.name(kind, code);
  }

  @Override
  public int cpus() {
    return device.cpus();
  }

  @Override
  public void counters(KernelCounters into) {
    device.counters(into);
  }

  @Override
  public long backlogBytes() {
    return rings.backlog();
  }

  @Override
  public long capacityBytes() {
    return (long) rings.size() * device.ringBytes();
  }

  @Override
  public void excludeProcess(int tgid, boolean leaveOut) {
    scope.exclude(tgid, leaveOut);
  }

  @Override
  public void scope(Scope wanted) {
    scope.apply(wanted);
  }

  @Override
  public void stop() {
    if (scope != null) {
      scope.pause();
      rings.end();
    }
  }

  @Override
  public void close() {
    scope = null;
    if (device != null) {
      device.close();
      device = null;
    }
    module.unload();
  }
}
