package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.kymo.collector.driver.DriverException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** One opened object file: its programs of one flavour, its maps, its links. */
final class BpfObject {
  private static final int LOG_BYTES = 1 << 16;
  private static final Pattern SUMMARY =
      Pattern.compile("^(processed |verification time|stack depth)");
  // include/uapi/asm-generic/errno.h
  private static final int EPERM = 1;
  private static final int ENOSYS = 38;

  private final LibBpf library;
  private final Memory bytes;
  private final Pointer object;
  private final List<Pointer> programs = new ArrayList<>();
  private final List<Memory> logs = new ArrayList<>();
  private final List<Pointer> links = new ArrayList<>();

  /**
   * @param flavour "_btf" or "_raw": only programs whose names end so are loaded
   */
  BpfObject(LibBpf library, byte[] file, String flavour) {
    this.library = library;
    bytes = new Memory(file.length);
    bytes.write(0, file, 0, file.length);
    library.libbpf_set_print(null);
    object = library.bpf_object__open_mem(bytes, file.length, null);
    if (object == null) {
      throw new DriverException(
          "kymo.bpf.o can not be opened ("
              + error(Native.getLastError())
              + "): build it anew with make -C bpf");
    }
    for (Pointer program = library.bpf_object__next_program(object, null);
        program != null;
        program = library.bpf_object__next_program(object, program)) {
      boolean wanted = library.bpf_program__name(program).endsWith(flavour);
      library.bpf_program__set_autoload(program, wanted);
      if (wanted) {
        Memory log = new Memory(LOG_BYTES);
        log.setByte(0, (byte) 0);
        library.bpf_program__set_log_buf(program, log, LOG_BYTES);
        programs.add(program);
        logs.add(log);
      }
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

  /**
   * What the verifier said last of the program that it refused; the logs of the others are empty.
   */
  private String verdict() {
    String last = "";
    for (Memory log : logs) {
      for (String line : (Iterable<String>) log.getString(0).lines()::iterator) {
        if (!line.isBlank() && !SUMMARY.matcher(line).find()) {
          last = ": " + line.strip();
        }
      }
    }
    return last;
  }

  /** Returns null when all programs are attached, else why not. */
  String attach() {
    for (Pointer program : programs) {
      Pointer link = library.bpf_program__attach(program);
      if (link == null) {
        String reason = library.bpf_program__name(program) + ": " + error(Native.getLastError());
        detach();
        return reason;
      }
      links.add(link);
    }
    return null;
  }

  void detach() {
    for (Pointer link : links) {
      library.bpf_link__destroy(link);
    }
    links.clear();
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
