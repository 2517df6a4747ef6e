package io.kymo.collector.driver.ebpf;

import java.nio.file.Path;

/**
 * What only the eBPF driver is told.
 *
 * @param transport how events come out of the kernel
 * @param btf description of the kernel's types for kernels that have none of their own; null: the
 *     kernel's
 */
public record EbpfOptions(Transport transport, Path btf) {
  public static final EbpfOptions DEFAULT = new EbpfOptions(Transport.AUTO, null);
}
