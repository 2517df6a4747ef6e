package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.DriverException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How the programs of bpf/kymo.bpf.c are loaded; which one a kernel takes is found by trying. */
enum Flavour {
  /** Held, and those of system calls as perf events, where the kernel preempts others. */
  CALLS(
      "tp_btf, calls by perf, held",
      "kymo-held.bpf.o",
      List.of("_raw", "sys_enter_btf", "sys_exit_btf")),

  /** As typed tracepoints; what the kernel preempts turns preemption off (bpf/Makefile). */
  HELD("tp_btf, held", "kymo-held.bpf.o", List.of("_raw", "_tp")),

  /** As typed tracepoints. */
  TYPED("tp_btf", "kymo.bpf.o", List.of("_raw", "_tp")),

  /** As raw tracepoints: these read each field through a helper. */
  RAW("raw_tp", "kymo.bpf.o", List.of("_btf", "_tp"));

  private final String word;
  private final String resource;
  private final List<String> without;

  Flavour(String word, String resource, List<String> without) {
    this.word = word;
    this.resource = resource;
    this.without = without;
  }

  /** For logs. */
  String word() {
    return word;
  }

  /** Endings of programs' names that are of other flavours. */
  List<String> without() {
    return without;
  }

  /** The object file that they are in. */
  byte[] file() {
    try (InputStream in = Flavour.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new DriverException(
            resource
                + " is not in this jar: build it with mvn package, which needs the packages clang and libbpf-dev");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new DriverException(resource + " can not be read from the jar: " + e.getMessage(), e);
    }
  }

  /**
   * Those to try, best first.
   *
   * @param btf the kernel's types, null when the kernel tells them itself
   */
  static List<Flavour> of(LibBpf library, Path btf) {
    if (btf != null) {
      return List.of(TYPED, RAW);
    }
    KernelFeatures kernel = KernelFeatures.of(library);
    List<Flavour> flavours = new ArrayList<>(List.of(values()));
    if (!kernel.preemptsCalls()) {
      flavours.remove(CALLS);
    }
    if (!kernel.letsHold()) {
      flavours.removeAll(List.of(CALLS, HELD));
    }
    return flavours;
  }

  /**
   * Why probes of functions must not be attached so, null when they may: where programs may have
   * their stack in memory of the CPU (Linux 6.13), and are preempted by each other, the kernel
   * crashes.
   */
  String refusesFunctions(LibBpf library) {
    return resource.equals(HELD.resource) || !KernelFeatures.of(library).privateStacks()
        ? null
        : "this kernel may crash when functions' programs preempt each other, and does not let them hold preemption: Linux 6.15 and later does, without --btf";
  }
}
