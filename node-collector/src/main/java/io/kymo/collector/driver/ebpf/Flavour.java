package io.kymo.collector.driver.ebpf;

import com.sun.jna.Pointer;
import io.kymo.collector.driver.DriverException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;

/** How the programs of bpf/kymo.bpf.c are loaded; which one a kernel takes is found by trying. */
enum Flavour {
  /**
   * As typed tracepoints that turn preemption off, where the kernel leaves it on (bpf/Makefile).
   */
  HELD("tp_btf, held", "kymo-held.bpf.o", "_btf"),

  /** As typed tracepoints. */
  TYPED("tp_btf", "kymo.bpf.o", "_btf"),

  /** As raw tracepoints: these read each field through a helper. */
  RAW("raw_tp", "kymo.bpf.o", "_raw");

  // include/uapi/linux/btf.h
  private static final int BTF_KIND_FUNC = 12;

  private final String word;
  private final String resource;
  private final String suffix;

  Flavour(String word, String resource, String suffix) {
    this.word = word;
    this.resource = resource;
    this.suffix = suffix;
  }

  /** For logs. */
  String word() {
    return word;
  }

  /** With which the names of its programs end. */
  String suffix() {
    return suffix;
  }

  /** The object file that they are in. */
  byte[] file() {
    try (InputStream in = Flavour.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new DriverException(
            resource
                + " is not in this jar: build it with mvn package, which needs the packages clang and libbpf-dev");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new DriverException(resource + " can not be read from the jar: " + e.getMessage(), e);
    }
  }

  /**
   * Those to try, best first.
   *
   * @param typed false: no typed tracepoints
   * @param btf the kernel's types, null when the kernel tells them itself
   */
  static List<Flavour> of(LibBpf library, boolean typed, Path btf) {
    if (!typed) {
      return List.of(RAW);
    }
    return btf == null && holdsPreemption(library) ? List.of(values()) : List.of(TYPED, RAW);
  }

  private static boolean holdsPreemption(LibBpf library) {
    Pointer types = library.btf__load_vmlinux_btf();
    if (types == null) {
      return false;
    }
    try {
      return library.btf__find_by_name_kind(types, "bpf_preempt_disable", BTF_KIND_FUNC) > 0;
    } finally {
      library.btf__free(types);
    }
  }
}
