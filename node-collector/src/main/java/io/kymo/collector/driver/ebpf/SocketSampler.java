package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * Runs the iterator over all sockets that the kernel side keeps (program {@code sample_sockets}).
 * What it has to tell goes into the ring; reading only makes it run. For one thread.
 */
final class SocketSampler {
  private static final String PROGRAM = "sample_sockets";
  private static final int BUFFER_BYTES = 4096;

  // bpf/libbpf.h: struct bpf_iter_attach_opts { size_t sz; union bpf_iter_link_info *link_info;
  // __u32 link_info_len; }
  private static final int OPTIONS_BYTES = 24;
  private static final int INFO_OFFSET = 8;
  private static final int INFO_LENGTH_OFFSET = 16;
  // union bpf_iter_link_info { struct { __u32 map_fd; } map; … }
  private static final int INFO_BYTES = 4;

  private final LibBpf library;
  private final Memory nothing = new Memory(BUFFER_BYTES);
  private final String problem;
  private Pointer link;

  SocketSampler(LibBpf library, BpfObject object) {
    this.library = library;
    Pointer program = object.program(PROGRAM);
    if (program == null) {
      problem = "left out";
      return;
    }
    Memory info = new Memory(INFO_BYTES);
    info.setInt(0, object.mapFd("sockets"));
    Memory options = new Memory(OPTIONS_BYTES);
    options.clear();
    options.setLong(0, OPTIONS_BYTES);
    options.setPointer(INFO_OFFSET, info);
    options.setInt(INFO_LENGTH_OFFSET, INFO_BYTES);
    link = library.bpf_program__attach_iter(program, options);
    problem = link == null ? BpfObject.error(Native.getLastError()) : null;
  }

  /** Why no figures are told at intervals, null when they are. */
  String problem() {
    return problem;
  }

  /** Returns false when the kernel refused. */
  boolean sample() {
    if (link == null) {
      return false;
    }
    int pass = library.bpf_iter_create(library.bpf_link__fd(link));
    if (pass < 0) {
      return false;
    }
    long read;
    do {
      read = LibC.INSTANCE.read(pass, nothing, BUFFER_BYTES);
    } while (read > 0);
    LibC.INSTANCE.close(pass);
    return read == 0;
  }

  void close() {
    if (link != null) {
      library.bpf_link__destroy(link);
      link = null;
    }
  }
}
