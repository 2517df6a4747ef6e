package io.kymo.collector.driver.ebpf;

import com.sun.jna.Native;
import io.kymo.collector.driver.DriverException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;

/**
 * What the driver needs of the machine, each checked before anything is tried, each with its
 * remedy.
 */
final class Requirements {
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final Path STATUS = Path.of("/proc/self/status");
  // include/uapi/linux/bpf.h
  private static final int BPF_MAP_TYPE_RINGBUF = 27;

  // include/uapi/linux/capability.h
  private static final long CAP_SYS_ADMIN = 1L << 21;
  private static final long CAP_PERFMON = 1L << 38;
  private static final long CAP_BPF = 1L << 39;

  private static final Set<String> PROCESSORS = Set.of("amd64", "aarch64");

  private Requirements() {}

  static LibBpf check(EbpfOptions options) {
    checkMachine(System.getProperty("os.name"), System.getProperty("os.arch"));
    checkCapabilities(STATUS);
    if (options.btf() == null) {
      checkBtf(BTF);
    } else {
      checkBtfFile(options.btf());
    }
    return loadLibrary("libbpf.so.1");
  }

  /** Whether events go through perf buffers. */
  static boolean perf(LibBpf library, Transport wanted) {
    boolean ring = library.libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, null) == 1;
    if (wanted == Transport.RINGBUF && !ring) {
      throw new DriverException(
          "the kernel has no BPF ring buffer (from 5.8 on): set capture.transport to auto or perfbuf");
    }
    return wanted == Transport.PERFBUF || !ring;
  }

  static void checkMachine(String system, String processor) {
    if (!system.equals("Linux") || !PROCESSORS.contains(processor.toLowerCase(Locale.ROOT))) {
      throw new DriverException(
          "the driver ebpf needs Linux on x86-64 or arm64; this is " + system + " on " + processor);
    }
  }

  static void checkCapabilities(Path status) {
    long effective = 0;
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("CapEff:")) {
          effective = Long.parseUnsignedLong(line.substring(7).strip(), 16);
        }
      }
    } catch (IOException e) {
      throw new DriverException("/proc is not readable: mount it (" + e.getMessage() + ")", e);
    }
    if ((effective & CAP_SYS_ADMIN) == 0
        && (effective & (CAP_BPF | CAP_PERFMON)) != (CAP_BPF | CAP_PERFMON)) {
      throw new DriverException(
          "not permitted to load eBPF programs: run as root, or give the process CAP_BPF and CAP_PERFMON");
    }
  }

  static void checkBtf(Path btf) {
    if (!Files.exists(btf)) {
      throw new DriverException(
          "the kernel has no BTF ("
              + btf
              + "): use a kernel of 5.10 or later built with CONFIG_DEBUG_INFO_BTF=y, mount sysfs on /sys, or give --btf a file that describes this kernel's types");
    }
  }

  /** Bare BTF, of either byte order, or an ELF file that has it. */
  static void checkBtfFile(Path btf) {
    byte[] begin;
    try (InputStream in = Files.newInputStream(btf)) {
      begin = in.readNBytes(4);
    } catch (IOException e) {
      throw new DriverException(btf + " can not be read: give --btf a file that is there", e);
    }
    String magic = HexFormat.of().formatHex(begin);
    if (!magic.equals("7f454c46") && !magic.matches("(9feb|eb9f)....")) {
      throw new DriverException(
          btf
              + " is no description of types (BTF): give --btf the output of bpftool gen min_core_btf, or a kernel's vmlinux with its debug information");
    }
  }

  static LibBpf loadLibrary(String name) {
    try {
      return Native.load(name, LibBpf.class);
    } catch (UnsatisfiedLinkError e) {
      throw new DriverException(
          name
              + " is missing: install the package libbpf1 (Debian, Ubuntu) or libbpf (Fedora, RHEL), version 1.0 or later",
          e);
    }
  }
}
