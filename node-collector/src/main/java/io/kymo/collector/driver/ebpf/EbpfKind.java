package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverKind;
import io.kymo.collector.driver.DriverSettings;

/** The eBPF driver among the others. Whether the programs load is known only when they are. */
public final class EbpfKind implements DriverKind {
  private final EbpfOptions options;

  public EbpfKind(EbpfOptions options) {
    this.options = options;
  }

  @Override
  public String name() {
    return "ebpf";
  }

  @Override
  public Probe probe(String argument) {
    try {
      Requirements.check(options);
      return Probe.usable(
          options.btf() == null
              ? "the kernel takes eBPF programs and describes its types (BTF)"
              : "the kernel takes eBPF programs; its types stand in " + options.btf());
    } catch (DriverException e) {
      return Probe.unusable(e.getMessage());
    }
  }

  @Override
  public Driver create(String argument, DriverSettings settings) {
    return new EbpfDriver(settings, options);
  }
}
