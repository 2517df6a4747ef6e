package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.kymo.collector.driver.DriverException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One opened object file: its programs of one flavour, its maps, its links. */
final class BpfObject {
  // include/uapi/asm-generic/errno.h
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  // include/uapi/linux/bpf.h
  private static final int BPF_TRACE_RAW_TP = 23;
  private static final int BPF_TRACE_ITER = 28;

  // bpf/libbpf.h: struct bpf_object_open_opts up to btf_custom_path
  private static final int OPTIONS_BYTES = 56;
  private static final int OPTIONS_BTF_PATH = 48;

  private static final String TYPED = "tp_btf/";
  private static final String ITERATOR = "iter/";

  private final LibBpf library;
  private final Memory bytes;
  private final Pointer object;
  private final List<BpfProgram> programs = new ArrayList<>();
  private final List<Pointer> links = new ArrayList<>();
  // struct bpf_object_open_opts, see options
  private Memory options;
  private Memory btfPath;
  private final Map<String, String> missing = new TreeMap<>();

  /**
   * @param endings of the names of programs that are not loaded
   * @param without groups that are left out, with the reason
   * @param btf the kernel's types, null when the kernel tells them itself
   */
  BpfObject(
      LibBpf library,
      byte[] file,
      List<String> endings,
      Map<ProgramGroup, String> without,
      Path btf) {
    this.library = library;
    bytes = new Memory(file.length);
    bytes.write(0, file, 0, file.length);
    library.libbpf_set_print(null);
    object = library.bpf_object__open_mem(bytes, file.length, options(btf));
    if (object == null) {
      throw new DriverException(
          "kymo.bpf.o can not be opened ("
              + error(Native.getLastError())
              + "): build it anew with make -C bpf");
    }
    for (Pointer program = library.bpf_object__next_program(object, null);
        program != null;
        program = library.bpf_object__next_program(object, program)) {
      boolean wanted = wanted(program, endings, without);
      library.bpf_program__set_autoload(program, wanted);
      if (wanted) {
        programs.add(new BpfProgram(library, program));
      }
    }
    leaveOutMaps(without);
  }

  /** struct bpf_object_open_opts, bpf/libbpf.h; kept alive with the object. */
  private Pointer options(Path btf) {
    if (btf == null) {
      return null;
    }
    options = new Memory(OPTIONS_BYTES);
    options.clear();
    options.setLong(0, OPTIONS_BYTES);
    btfPath = new Memory(btf.toString().length() * 4L + 1);
    btfPath.setString(0, btf.toString());
    options.setPointer(OPTIONS_BTF_PATH, btfPath);
    return options;
  }

  private boolean wanted(Pointer program, List<String> endings, Map<ProgramGroup, String> without) {
    String name = library.bpf_program__name(program);
    if (endings.stream().anyMatch(name::endsWith)) {
      return false;
    }
    ProgramGroup group = ProgramGroup.of(name);
    if (group == null) {
      return true;
    }
    String reason = without.get(group);
    String section = library.bpf_program__section_name(program);
    if (reason == null && section.startsWith(ITERATOR)) {
      String target = section.substring(ITERATOR.length());
      if (library.libbpf_find_vmlinux_btf_id(target, BPF_TRACE_ITER) < 0) {
        reason = "no iterator " + target;
      }
    }
    if (reason == null && section.startsWith(TYPED)) {
      String tracepoint = section.substring(TYPED.length());
      if (library.libbpf_find_vmlinux_btf_id(tracepoint, BPF_TRACE_RAW_TP) < 0) {
        reason = "no tracepoint " + tracepoint;
      }
    }
    if (reason != null) {
      missing.put(name, reason);
    }
    return reason == null;
  }

  private void leaveOutMaps(Map<ProgramGroup, String> without) {
    for (Pointer map = library.bpf_object__next_map(object, null);
        map != null;
        map = library.bpf_object__next_map(object, map)) {
      ProgramGroup group = ProgramGroup.of(library.bpf_map__name(map));
      if (group != null && without.containsKey(group)) {
        library.bpf_map__set_autocreate(map, false);
      }
    }
  }

  /** Leaves a map out: no program that is loaded may reach what uses it. */
  void leaveOut(String map) {
    check(library.bpf_map__set_autocreate(map(map), false), "map " + map + " can not be left out");
  }

  /** Sets the only constant, one byte, of a section such as .rodata.transport. */
  void constant(String section, boolean value) {
    try (Memory initial = new Memory(1)) {
      initial.setByte(0, (byte) (value ? 1 : 0));
      check(
          library.bpf_map__set_initial_value(map(section), initial, 1),
          "section " + section + " can not be set");
    }
  }

  void size(String map, int entries) {
    check(
        library.bpf_map__set_max_entries(map(map), entries),
        "map " + map + " can not have " + entries + " entries");
  }

  /** Returns null when loaded, else why not. */
  String load() {
    int failed = library.bpf_object__load(object);
    if (failed == 0) {
      return null;
    }
    return switch (-failed) {
      case EPERM ->
          "the kernel does not permit it (lockdown, or CAP_BPF and CAP_PERFMON missing): run as root with kernel lockdown off";
      case ENOSYS ->
          "the kernel has no bpf system call: use a kernel built with CONFIG_BPF_SYSCALL=y";
      default -> error(-failed) + verdict();
    };
  }

  /** After a failed load: the group of the program that was refused, null when it is needed. */
  ProgramGroup refused() {
    for (BpfProgram program : programs) {
      if (!program.verdict().isEmpty()) {
        return program.group();
      }
    }
    return null;
  }

  private String verdict() {
    for (BpfProgram program : programs) {
      if (!program.verdict().isEmpty()) {
        return ": " + program.name() + ": " + program.verdict();
      }
    }
    return "";
  }

  /** Returns null when all programs that are needed are attached, else why not. */
  String attach() {
    for (BpfProgram program : programs) {
      ProgramGroup group = program.group();
      if (group != null && !group.attachedAtStart()) {
        continue;
      }
      Pointer link = library.bpf_program__attach(program.pointer());
      if (link != null) {
        links.add(link);
        continue;
      }
      String reason = error(Native.getLastError());
      if (group == null) {
        detach();
        return program.name() + ": " + reason;
      }
      missing.put(program.name(), reason);
    }
    return null;
  }

  /** Programs that this kernel has to do without, with the reason. */
  Map<String, String> missing() {
    return missing;
  }

  /**
   * A loaded program that is attached by whoever asks.
   *
   * @return null when this kernel does without it
   */
  Pointer program(String name) {
    for (BpfProgram program : programs) {
      if (program.name().equals(name)) {
        return program.pointer();
      }
    }
    return null;
  }

  /** Runs of its programs that the kernel left out, each because it was under way on that CPU. */
  long misses() {
    long misses = 0;
    for (BpfProgram program : programs) {
      misses += program.misses(library);
    }
    return misses;
  }

  /** The same by program, those without any left out. */
  Map<String, Long> missesByProgram() {
    Map<String, Long> misses = new TreeMap<>();
    for (BpfProgram program : programs) {
      long count = program.misses(library);
      if (count != 0) {
        misses.put(program.name(), count);
      }
    }
    return misses;
  }

  void detach() {
    for (Pointer link : links) {
      library.bpf_link__destroy(link);
    }
    links.clear();
  }

  int valueBytes(String map) {
    return library.bpf_map__value_size(map(map));
  }

  int mapFd(String name) {
    return library.bpf_map__fd(map(name));
  }

  private Pointer map(String name) {
    Pointer map = library.bpf_object__find_map_by_name(object, name);
    if (map == null) {
      throw new DriverException(
          "kymo.bpf.o has no map " + name + ": it is of another version than this program");
    }
    return map;
  }

  void close() {
    detach();
    library.bpf_object__close(object);
    bytes.close();
  }

  static String error(int number) {
    return LibC.INSTANCE.strerror(number);
  }

  private static void check(int failed, String what) {
    if (failed != 0) {
      throw new DriverException(what + ": " + error(-failed));
    }
  }
}
