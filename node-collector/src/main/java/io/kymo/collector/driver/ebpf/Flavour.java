package io.kymo.collector.driver.ebpf;

import com.sun.jna.Pointer;
import io.kymo.collector.driver.DriverException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

  /** Came with the kernels that preempt programs of sys_enter and sys_exit. */
  private static final String PREEMPTED_CALLS = "trace_call_bpf_faultable";

  private static final String HOLD = "bpf_preempt_disable";

  // include/uapi/linux/btf.h
  private static final int BTF_KIND_FUNC = 12;

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
    Set<String> functions = functions(library, PREEMPTED_CALLS, HOLD);
    List<Flavour> flavours = new ArrayList<>(List.of(values()));
    if (!functions.contains(PREEMPTED_CALLS)) {
      flavours.remove(CALLS);
    }
    if (!functions.contains(HOLD)) {
      flavours.removeAll(List.of(CALLS, HELD));
    }
    return flavours;
  }

  /** Those of these functions that the kernel has. */
  private static Set<String> functions(LibBpf library, String... names) {
    Set<String> found = new HashSet<>();
    Pointer types = library.btf__load_vmlinux_btf();
    if (types != null) {
      for (String name : names) {
        if (library.btf__find_by_name_kind(types, name, BTF_KIND_FUNC) > 0) {
          found.add(name);
        }
      }
      library.btf__free(types);
    }
    return found;
  }
}
