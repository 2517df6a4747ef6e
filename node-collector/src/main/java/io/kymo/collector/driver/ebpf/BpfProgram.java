package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.util.regex.Pattern;

/** One program of an object that is to be loaded, with room for what the verifier says of it. */
final class BpfProgram {
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
