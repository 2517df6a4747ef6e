package io.kymo.collector.driver.kmod;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverInUseException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The opened /dev/kymo: see the end of bpf/include/wire.h. */
final class Device {
  static final int WIRE_VERSION = 1;
  static final int SETUP_BYTES = 32;
  static final int SETUP_MAX_SOCKETS_OFFSET = 4;
  static final int SETUP_RING_BYTES_OFFSET = 8;
  static final int SETUP_REGION_BYTES_OFFSET = 16;
  static final int SETUP_CPUS_OFFSET = 24;
  static final int COUNTERS_BYTES = 256;
  // include/uapi/asm-generic/ioctl.h: direction << 30 | size << 16 | 'K' << 8 | number
  static final long SETUP = 0xC020_4B01L;
  static final long SETTINGS = 0x4020_4B02L;
  static final long ADD = 0x4020_4B03L;
  static final long REMOVE = 0x4020_4B04L;
  static final long CLEAR = 0x4004_4B05L;
  static final long SAMPLE = 0x4B06L;
  static final long REASON = 0xC040_4B07L;
  // include/uapi/asm-generic/errno.h
  private static final int EPERM = 1;
  private static final int E2BIG = 7;
  private static final int EBUSY = 16;
  private static final int ENOTTY = 25;
  private static final int EPROTO = 71;
  private static final Path POSSIBLE_CPUS = Path.of("/sys/devices/system/cpu/possible");
  private static final int RING_BYTES_MIN = 64 << 10;
  private static final KernelCounter[] COUNTERS = KernelCounter.values();

  private final int fd;
  private final List<Pointer> regions = new ArrayList<>();
  private long regionBytes;
  private int ringBytes;
  private Memory counters;

  /**
   * @throws DriverException when it is in use, or not permitted
   */
  Device() {
    fd = LibC.INSTANCE.open(ModuleFile.DEVICE.toString(), LibC.O_RDWR | LibC.O_CLOEXEC);
    if (fd < 0) {
      int error = Native.getLastError();
      if (error == EBUSY) {
        throw new DriverInUseException("/dev/kymo is in use: one collector at a time can have it");
      }
      throw new DriverException(
          switch (error) {
            case EPERM -> "/dev/kymo: not permitted: run as root (CAP_SYS_ADMIN)";
            default -> "/dev/kymo: " + LibC.INSTANCE.strerror(error);
          });
    }
  }

  /** Makes the rings, one a CPU, which share what the settings allow, and attaches. */
  List<CpuRing> setUp(DriverSettings settings) {
    int possible = possibleCpus();
    ringBytes = Math.max(RING_BYTES_MIN, Integer.highestOneBit(settings.ringBytes() / possible));
    Memory setup = new Memory(SETUP_BYTES);
    setup.clear();
    setup.setInt(0, WIRE_VERSION);
    setup.setInt(SETUP_MAX_SOCKETS_OFFSET, settings.maxSockets());
    setup.setLong(SETUP_RING_BYTES_OFFSET, ringBytes);
    control(SETUP, setup, "setting up");
    int cpus = setup.getInt(SETUP_CPUS_OFFSET);
    regionBytes = setup.getLong(SETUP_REGION_BYTES_OFFSET);
    counters = new Memory((long) cpus * COUNTERS_BYTES);
    List<CpuRing> rings = new ArrayList<>();
    for (int cpu = 0; cpu < cpus; cpu++) {
      ByteBuffer region = map(cpu * regionBytes);
      if (region != null) {
        rings.add(new CpuRing(region, LibC.INSTANCE.getpagesize(), ringBytes));
      }
    }
    if (rings.isEmpty()) {
      throw new DriverException("the module's memory cannot be mapped: " + LibC.lastError());
    }
    return rings;
  }

  /** Null when there is no such CPU. */
  private ByteBuffer map(long offset) {
    Pointer at =
        LibC.INSTANCE.mmap(null, regionBytes, LibC.PROT_READ_WRITE, LibC.MAP_SHARED, fd, offset);
    if (Pointer.nativeValue(at) == -1) {
      return null;
    }
    regions.add(at);
    return at.getByteBuffer(0, regionBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** How many CPUs may ever be there; the kernel writes 0-3, or 0, or 0,2-3. */
  private static int possibleCpus() {
    try {
      String ranges = Files.readString(POSSIBLE_CPUS).strip();
      return Integer.parseInt(ranges.substring(1 + ranges.replace(',', '-').lastIndexOf('-'))) + 1;
    } catch (IOException | NumberFormatException e) {
      throw new DriverException(POSSIBLE_CPUS + " is not readable: mount sysfs on /sys", e);
    }
  }

  void control(long request, Memory argument, String what) {
    if (LibC.INSTANCE.ioctl(fd, request, argument) != 0) {
      int error = Native.getLastError();
      throw new DriverException(
          "the kernel module: "
              + what
              + ": "
              + switch (error) {
                case EPROTO, ENOTTY -> "it is of another version than this program: build it anew";
                case E2BIG -> "too many entries";
                default -> LibC.INSTANCE.strerror(error);
              });
    }
  }

  /** Has the figures of TCP sockets told; returns false when the module refused. */
  boolean sample() {
    return LibC.INSTANCE.ioctl(fd, SAMPLE, null) == 0;
  }

  int cpus() {
    return (int) (counters.size() / COUNTERS_BYTES);
  }

  /** Bytes of one CPU's ring. */
  int ringBytes() {
    return ringBytes;
  }

  synchronized void counters(KernelCounters into) {
    long read = LibC.INSTANCE.pread(fd, counters, counters.size(), 0);
    for (int cpu = 0; (cpu + 1L) * COUNTERS_BYTES <= read; cpu++) {
      for (int i = 0; i < COUNTERS.length; i++) {
        long at = (long) cpu * COUNTERS_BYTES + (long) i * Long.BYTES;
        into.set(cpu, COUNTERS[i], counters.getLong(at));
      }
    }
  }

  /** No ring may be touched afterwards. */
  void close() {
    for (Pointer region : regions) {
      LibC.INSTANCE.munmap(region, regionBytes);
    }
    regions.clear();
    LibC.INSTANCE.close(fd);
  }
}
