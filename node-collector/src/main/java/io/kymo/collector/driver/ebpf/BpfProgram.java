package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.regex.Pattern;

/** One program of an object that is to be loaded, with room for what the verifier says of it. */
final class BpfProgram {
  // include/uapi/linux/bpf.h: struct bpf_prog_info up to recursion_misses
  private static final int INFO_BYTES = 216;
  private static final int INFO_MISSES = 208;

  private static final int LOG_BYTES = 1 << 16;
  private static final Pattern SUMMARY =
      Pattern.compile("^(processed |verification time|stack depth)");

  private final Pointer pointer;
  private final String name;
  private final ProgramGroup group;
  private final Memory log = new Memory(LOG_BYTES);

  BpfProgram(LibBpf library, Pointer pointer) {
    this.pointer = pointer;
    name = library.bpf_program__name(pointer);
    group = ProgramGroup.of(name);
    log.setByte(0, (byte) 0);
    library.bpf_program__set_log_buf(pointer, log, LOG_BYTES);
  }

  Pointer pointer() {
    return pointer;
  }

  String name() {
    return name;
  }

  /** Null when the capture can not do without it. */
  ProgramGroup group() {
    return group;
  }

  /** Runs that the kernel left out because the program was under way on that CPU; 0 before 5.12. */
  long misses(LibBpf library) {
    int fd = library.bpf_program__fd(pointer);
    if (fd < 0) {
      return 0;
    }
    try (Memory info = new Memory(INFO_BYTES + Integer.BYTES)) {
      info.clear();
      info.setInt(INFO_BYTES, INFO_BYTES);
      int failed = library.bpf_obj_get_info_by_fd(fd, info, info.share(INFO_BYTES));
      return failed == 0 ? info.getLong(INFO_MISSES) : 0;
    }
  }

  /** What the verifier said last when it refused this program, else empty. */
  String verdict() {
    String last = "";
    for (String line : (Iterable<String>) log.getString(0).lines()::iterator) {
      if (!line.isBlank() && !SUMMARY.matcher(line).find()) {
        last = line.strip();
      }
    }
    return last;
  }
}
