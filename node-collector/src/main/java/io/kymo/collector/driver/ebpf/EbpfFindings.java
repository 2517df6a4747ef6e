package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.Finding;
import java.util.ArrayList;
import java.util.List;

/** What the kernel offers to eBPF programs, found by trying. Nothing of it stays. */
public final class EbpfFindings {
  // include/uapi/linux/bpf.h
  private static final int PERF_EVENT_ARRAY = 4;
  private static final int RINGBUF = 27;
  private static final int RAW_TRACEPOINT = 17;
  private static final int BPF_TRACE_RAW_TP = 23;

  private EbpfFindings() {}

  public static List<Finding> all() {
    List<Finding> found = new ArrayList<>();
    LibBpf library;
    try {
      library = Requirements.loadLibrary("libbpf.so.1");
    } catch (DriverException e) {
      found.add(Finding.missing("libbpf", "no libbpf.so.1", e.getMessage()));
      return found;
    }
    library.libbpf_set_print(null);
    found.add(Finding.there("libbpf", library.libbpf_version_string()));
    found.add(
        probe(
            "ringbuf",
            library.libbpf_probe_bpf_map_type(RINGBUF, null),
            "ring buffer",
            "Linux 5.8 or later, or use perf buffers"));
    found.add(
        probe(
            "perfbuf",
            library.libbpf_probe_bpf_map_type(PERF_EVENT_ARRAY, null),
            "perf buffers",
            "a kernel with CONFIG_PERF_EVENTS"));
    found.add(
        probe(
            "raw_tp",
            library.libbpf_probe_bpf_prog_type(RAW_TRACEPOINT, null),
            "raw tracepoints",
            "Linux 4.17 or later"));
    boolean typed = library.libbpf_find_vmlinux_btf_id("sys_exit", BPF_TRACE_RAW_TP) > 0;
    found.add(
        probe(
            "tp_btf",
            typed ? 1 : 0,
            "typed tracepoints",
            "Linux 5.5 or later with BTF of its own; raw_tp does as well, at a higher cost"));
    return found;
  }

  private static Finding probe(String name, int answer, String what, String remedy) {
    return switch (answer) {
      case 1 -> Finding.there(name, what);
      case 0 -> Finding.missing(name, "no " + what, remedy);
      default -> Finding.missing(name, what + ": " + BpfObject.error(-answer), "run as root");
    };
  }
}
