package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.kymo.collector.driver.DriverException;

/** Opens perf events that programs put their events into (perf_event_open(2)). */
final class PerfEvents {
  // include/uapi/asm-generic/unistd.h and arch/x86/entry/syscalls/syscall_64.tbl
  private static final long NUMBER = System.getProperty("os.arch").equals("aarch64") ? 241 : 298;

  // include/uapi/linux/perf_event.h: struct perf_event_attr and its enums
  private static final int ATTR_BYTES = 112;
  private static final int TYPE = 0;
  private static final int SIZE = 4;
  private static final int CONFIG = 8;
  private static final int SAMPLE_PERIOD = 16;
  private static final int SAMPLE_TYPE = 24;
  private static final int FLAGS = 40;
  private static final int WAKEUP_WATERMARK = 48;
  private static final int CLOCK_ID = 92;
  private static final int SOFTWARE = 1;
  private static final int BPF_OUTPUT = 10;
  private static final int SAMPLE_TIME = 1 << 2;
  private static final int SAMPLE_RAW = 1 << 10;
  private static final long WATERMARK = 1L << 14;
  private static final long USE_CLOCK_ID = 1L << 25;
  private static final int CLOCK_MONOTONIC = 1;
  private static final long CLOSE_ON_EXEC = 8;
  private static final int ENODEV = 19;

  private PerfEvents() {}

  /**
   * Samples carry the time of {@link System#nanoTime} and the event; nobody is woken up.
   *
   * @return a file descriptor, -1 when the CPU is offline
   */
  static int open(int cpu) {
    try (Memory attributes = new Memory(ATTR_BYTES)) {
      attributes.clear();
      attributes.setInt(TYPE, SOFTWARE);
      attributes.setInt(SIZE, ATTR_BYTES);
      attributes.setLong(CONFIG, BPF_OUTPUT);
      attributes.setLong(SAMPLE_PERIOD, 1);
      attributes.setLong(SAMPLE_TYPE, SAMPLE_TIME | SAMPLE_RAW);
      attributes.setLong(FLAGS, WATERMARK | USE_CLOCK_ID);
      attributes.setInt(WAKEUP_WATERMARK, Integer.MAX_VALUE);
      attributes.setInt(CLOCK_ID, CLOCK_MONOTONIC);
      long fd = LibC.INSTANCE.syscall(NUMBER, attributes, -1, cpu, -1, CLOSE_ON_EXEC);
      if (fd >= 0) {
        return (int) fd;
      }
      int error = Native.getLastError();
      if (error == ENODEV) {
        return -1;
      }
      throw new DriverException(
          "the perf buffer of CPU "
              + cpu
              + " can not be opened ("
              + LibC.INSTANCE.strerror(error)
              + "): run as root, or set kernel.perf_event_paranoid to 2 or less");
    }
  }
}
