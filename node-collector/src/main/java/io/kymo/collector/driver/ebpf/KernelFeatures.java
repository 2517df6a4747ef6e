package io.kymo.collector.driver.ebpf;

import com.sun.jna.Pointer;

/**
 * What a kernel shows of how it runs programs, by the types that it tells (BTF); all false when it
 * tells none.
 *
 * @param preemptsCalls programs of sys_enter and sys_exit may be preempted
 * @param letsHold programs can turn preemption off
 * @param privateStacks programs may have their stack in memory of the CPU
 */
record KernelFeatures(boolean preemptsCalls, boolean letsHold, boolean privateStacks) {
  // include/uapi/linux/btf.h
  private static final int BTF_KIND_STRUCT = 4;
  private static final int BTF_KIND_FUNC = 12;
  // struct btf_type: name_off | 4 info | 8 size; then members: name_off | 4 type | 8 offset
  private static final int TYPE_INFO = 4;
  private static final int TYPE_BYTES = 12;
  private static final int MEMBER_BYTES = 12;
  private static final int INFO_MEMBERS = 0xffff;

  static KernelFeatures of(LibBpf library) {
    Pointer types = library.btf__load_vmlinux_btf();
    if (types == null) {
      return new KernelFeatures(false, false, false);
    }
    try {
      return new KernelFeatures(
          hasFunction(library, types, "trace_call_bpf_faultable"),
          hasFunction(library, types, "bpf_preempt_disable"),
          hasMember(library, types, "bpf_prog_aux", "priv_stack_ptr"));
    } finally {
      library.btf__free(types);
    }
  }

  private static boolean hasFunction(LibBpf library, Pointer types, String name) {
    return library.btf__find_by_name_kind(types, name, BTF_KIND_FUNC) > 0;
  }

  private static boolean hasMember(LibBpf library, Pointer types, String struct, String member) {
    int id = library.btf__find_by_name_kind(types, struct, BTF_KIND_STRUCT);
    if (id <= 0) {
      return false;
    }
    Pointer type = library.btf__type_by_id(types, id);
    int members = type.getInt(TYPE_INFO) & INFO_MEMBERS;
    for (int i = 0; i < members; i++) {
      int name = type.getInt(TYPE_BYTES + (long) i * MEMBER_BYTES);
      if (member.equals(library.btf__name_by_offset(types, name))) {
        return true;
      }
    }
    return false;
  }
}
