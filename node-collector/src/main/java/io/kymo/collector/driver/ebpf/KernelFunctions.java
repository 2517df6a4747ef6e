package io.kymo.collector.driver.ebpf;

import com.sun.jna.Pointer;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Functions by which a kernel shows what it does; looked up in the types that it tells (BTF). */
final class KernelFunctions {
  /** Came with the kernels that preempt programs of sys_enter and sys_exit. */
  static final String PREEMPTED_CALLS = "trace_call_bpf_faultable";

  /** With it programs hold preemption. */
  static final String HOLD = "bpf_preempt_disable";

  /** Came with stacks in memory of the CPU. */
  static final String PRIVATE_STACK = "bpf_jit_supports_private_stack";

  // include/uapi/linux/btf.h
  private static final int BTF_KIND_FUNC = 12;

  private KernelFunctions() {}

  /** Those of the above that this kernel has; none when it does not tell its types. */
  static Set<String> of(LibBpf library) {
    Pointer types = library.btf__load_vmlinux_btf();
    if (types == null) {
      return Set.of();
    }
    try {
      return Stream.of(PREEMPTED_CALLS, HOLD, PRIVATE_STACK)
          .filter(name -> library.btf__find_by_name_kind(types, name, BTF_KIND_FUNC) > 0)
          .collect(Collectors.toUnmodifiableSet());
    } finally {
      library.btf__free(types);
    }
  }
}
