package io.kymo.collector.driver.ebpf;

import com.sun.jna.Pointer;
import java.util.HashMap;
import java.util.Map;

/**
 * Names of an enum's values, as the running kernel's BTF has them: they differ between versions.
 */
final class KernelEnum {
  // include/uapi/linux/btf.h: struct btf_type { __u32 name_off, info, size; }, then struct btf_enum
  // { __u32 name_off; __s32 val; }
  private static final int BTF_KIND_ENUM = 6;
  private static final int INFO_OFFSET = 4;
  private static final int VALUES_MASK = 0xFFFF;
  private static final int HEADER_BYTES = 12;
  private static final int VALUE_BYTES = 8;

  private KernelEnum() {}

  /**
   * @param prefix taken off the names
   * @return names by value; empty when this kernel has no such enum
   */
  static Map<Integer, String> names(LibBpf library, Pointer btf, String name, String prefix) {
    int id = library.btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);
    if (id < 0) {
      return Map.of();
    }
    Pointer type = library.btf__type_by_id(btf, id);
    int values = type.getInt(INFO_OFFSET) & VALUES_MASK;
    Map<Integer, String> names = new HashMap<>();
    for (int i = 0; i < values; i++) {
      long at = HEADER_BYTES + (long) i * VALUE_BYTES;
      String text = library.btf__name_by_offset(btf, type.getInt(at));
      names.put(
          type.getInt(at + 4), text.startsWith(prefix) ? text.substring(prefix.length()) : text);
    }
    return names;
  }
}
