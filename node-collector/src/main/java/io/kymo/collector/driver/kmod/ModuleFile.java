package io.kymo.collector.driver.kmod;

import com.sun.jna.Native;
import io.kymo.collector.driver.DriverException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where the kernel module comes from: it is loaded already, a file was named, or it is installed
 * among the running kernel's modules.
 */
final class ModuleFile {
  static final Path DEVICE = Path.of("/dev/kymo");
  // arch/x86/entry/syscalls/syscall_64.tbl
  private static final long DELETE_MODULE = 176;
  private static final long FINIT_MODULE = 313;
  // include/uapi/asm-generic/errno-base.h
  private static final int EPERM = 1;
  private static final int ENOEXEC = 8;
  private static final int EEXIST = 17;
  private static final int O_NONBLOCK = 0x800;
  private static final int DEVICE_TRIES = 100;

  private final String file;
  private final Path modules;
  private boolean loaded;

  /**
   * @param file path of a kymo.ko for the running kernel; empty: the installed one
   */
  ModuleFile(String file) {
    this(file, Path.of("/lib/modules", System.getProperty("os.version")));
  }

  ModuleFile(String file, Path modules) {
    this.file = file;
    this.modules = modules;
  }

  /** Where it would come from, or null when there is none. */
  String found() {
    if (Files.exists(DEVICE)) {
      return "loaded already";
    }
    if (!file.isEmpty()) {
      return Files.isReadable(Path.of(file)) ? file : null;
    }
    return installed() ? "installed in " + modules : null;
  }

  String missing() {
    return file.isEmpty()
        ? "no kymo.ko among the modules of " + modules + ": make -C bpf/kmod dkms-install"
        : "capture.module: " + file + " cannot be read";
  }

  private boolean installed() {
    try {
      return Files.readString(modules.resolve("modules.dep")).contains("/kymo.ko");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Sees to it that the device is there.
   *
   * @throws DriverException with what is wrong, and what to do
   */
  void load() {
    String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (!machine.equals("amd64")) {
      throw new DriverException("capture.driver=kmod needs x86-64; this is " + machine);
    }
    if (Files.exists(DEVICE)) {
      return;
    }
    if (file.isEmpty()) {
      modprobe();
    } else {
      insert();
    }
    for (int i = 0; !Files.exists(DEVICE); i++) { // devtmpfs makes it a moment later
      if (i == DEVICE_TRIES) {
        throw new DriverException("the module is loaded but there is no /dev/kymo: mount devtmpfs");
      }
      sleep();
    }
  }

  private void insert() {
    int fd = LibC.INSTANCE.open(file, LibC.O_RDONLY | LibC.O_CLOEXEC);
    if (fd < 0) {
      throw new DriverException("capture.module: " + file + ": " + LibC.lastError());
    }
    try {
      if (LibC.INSTANCE.syscall(FINIT_MODULE, (long) fd, "", 0L) == 0) {
        loaded = true;
        return;
      }
      int error = Native.getLastError();
      if (error != EEXIST) {
        throw new DriverException("module " + file + ": " + reason(error));
      }
    } finally {
      LibC.INSTANCE.close(fd);
    }
  }

  private static String reason(int error) {
    return switch (error) {
      case EPERM ->
          "not permitted: run as root (CAP_SYS_MODULE), and sign the module where the kernel is locked down";
      case ENOEXEC ->
          "built for another kernel than this "
              + System.getProperty("os.version")
              + ": build it anew";
      default -> LibC.INSTANCE.strerror(error);
    };
  }

  private void modprobe() {
    try {
      Process process = new ProcessBuilder("modprobe", "kymo").redirectErrorStream(true).start();
      String said =
          new String(
              process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new DriverException(said.strip().replace('\n', ' '));
      }
      loaded = true;
    } catch (IOException e) {
      throw new DriverException("modprobe cannot be run: install the package kmod", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DriverException("interrupted", e);
    }
  }

  /** Takes the module out again when it was put in here; one that somebody uses stays. */
  void unload() {
    if (loaded) {
      loaded = false;
      long unusedStaysWhenInUse = LibC.INSTANCE.syscall(DELETE_MODULE, "kymo", (long) O_NONBLOCK);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DriverException("interrupted", e);
    }
  }
}
