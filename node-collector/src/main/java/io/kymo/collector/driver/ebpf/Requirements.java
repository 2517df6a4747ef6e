package io.kymo.collector.driver.ebpf;

import com.sun.jna.Native;
import io.kymo.collector.driver.DriverException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What the driver needs of the machine, each checked before anything is tried, each with its
 * remedy.
 */
final class Requirements {
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final Path STATUS = Path.of("/proc/self/status");
  // include/uapi/linux/capability.h
  private static final long CAP_SYS_ADMIN = 1L << 21;
  private static final long CAP_PERFMON = 1L << 38;
  private static final long CAP_BPF = 1L << 39;

  private Requirements() {}

  static LibBpf check() {
    checkMachine(System.getProperty("os.name"), System.getProperty("os.arch"));
    checkCapabilities(STATUS);
    checkBtf(BTF);
    return loadLibrary("libbpf.so.1");
  }

  static void checkMachine(String system, String processor) {
    if (!system.equals("Linux") || !processor.toLowerCase(Locale.ROOT).equals("amd64")) {
      throw new DriverException(
          "capture.driver=ebpf needs Linux on x86-64; this is " + system + " on " + processor);
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
              + "): use a kernel of 5.10 or later built with CONFIG_DEBUG_INFO_BTF=y, and mount sysfs on /sys");
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
