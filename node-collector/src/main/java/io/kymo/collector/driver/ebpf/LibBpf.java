package io.kymo.collector.driver.ebpf;

import com.sun.jna.Library;
import com.sun.jna.Pointer;

/**
 * The functions of libbpf.so.1 that the driver calls; names and signatures are bpf/libbpf.h's and
 * bpf/bpf.h's.
 */
interface LibBpf extends Library {
  Pointer libbpf_set_print(Pointer print);

  int libbpf_num_possible_cpus();

  Pointer bpf_object__open_mem(Pointer bytes, long size, Pointer options);

  String libbpf_version_string();

  int libbpf_probe_bpf_prog_type(int type, Pointer options);

  int libbpf_probe_bpf_map_type(int type, Pointer options);

  int bpf_object__load(Pointer object);

  void bpf_object__close(Pointer object);

  Pointer bpf_object__next_program(Pointer object, Pointer previous);

  Pointer bpf_object__find_map_by_name(Pointer object, String name);

  Pointer bpf_object__next_map(Pointer object, Pointer previous);

  int libbpf_find_vmlinux_btf_id(String name, int attachType);

  String bpf_program__name(Pointer program);

  String bpf_program__section_name(Pointer program);

  int bpf_program__fd(Pointer program);

  int bpf_obj_get_info_by_fd(int fd, Pointer info, Pointer length);

  int bpf_program__set_autoload(Pointer program, boolean load);

  int bpf_program__set_log_buf(Pointer program, Pointer buffer, long size);

  Pointer bpf_program__attach(Pointer program);

  Pointer bpf_program__attach_uprobe(
      Pointer program, boolean atReturn, int pid, String file, long offset);

  Pointer bpf_program__attach_iter(Pointer program, Pointer options);

  int bpf_iter_create(int link);

  int bpf_link__fd(Pointer link);

  int bpf_link__destroy(Pointer link);

  int bpf_map__set_initial_value(Pointer map, Pointer data, long size);

  Pointer btf__load_vmlinux_btf();

  int btf__find_by_name_kind(Pointer btf, String name, int kind);

  Pointer btf__type_by_id(Pointer btf, int id);

  String btf__name_by_offset(Pointer btf, int offset);

  void btf__free(Pointer btf);

  int bpf_map__set_max_entries(Pointer map, int entries);

  String bpf_map__name(Pointer map);

  int bpf_map__set_autocreate(Pointer map, boolean create);

  int bpf_map__fd(Pointer map);

  int bpf_map_update_elem(int fd, Pointer key, Pointer value, long flags);

  int bpf_map__value_size(Pointer map);

  int bpf_map_lookup_batch(
      int fd,
      Pointer from,
      Pointer next,
      Pointer keys,
      Pointer values,
      Pointer count,
      Pointer options);

  int bpf_map_delete_elem(int fd, Pointer key);

  int bpf_map_get_next_key(int fd, Pointer key, Pointer next);
}
