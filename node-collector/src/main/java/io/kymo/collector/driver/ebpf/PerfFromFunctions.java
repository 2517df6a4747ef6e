package io.kymo.collector.driver.ebpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether function probes may write to perf buffers. Linux 6.0 let them be interrupted there, with
 * their data in a buffer of the CPU that the next one uses, too, and may crash (CVE-2023-54303,
 * brought by 8c7dcb84e3b7, mended by f2c67a3e60d1 in 6.5, 6.4.10 and 6.1.45). No attempt can tell,
 * so the version must.
 */
final class PerfFromFunctions {
  private static final Path VERSION = Path.of("/proc/version");
  private static final Pattern NUMBERS = Pattern.compile("\\b6\\.(\\d+)\\.(\\d+)");
  private static final Pattern SERIES = Pattern.compile("^Linux version (\\d+)\\.(\\d+)");
  private static final int MENDED_6_1 = 45;
  private static final int MENDED_6_4 = 10;

  private PerfFromFunctions() {}

  /** Null when they may, else why not. */
  static String refusal() {
    try {
      return refusal(Files.readString(VERSION));
    } catch (IOException e) {
      return "/proc/version is not readable: mount it (" + e.getMessage() + ")";
    }
  }

  /**
   * @param version text of /proc/version: distributions that keep the series' first number in the
   *     kernel's name (Debian's 6.1.0-18) say later in it which one it really is
   */
  static String refusal(String version) {
    Matcher series = SERIES.matcher(version);
    if (!series.find() || !series.group(1).equals("6") || Integer.parseInt(series.group(2)) > 4) {
      return null;
    }
    int minor = Integer.parseInt(series.group(2));
    int latest = 0;
    for (Matcher numbers = NUMBERS.matcher(version); numbers.find(); ) {
      if (Integer.parseInt(numbers.group(1)) == minor) {
        latest = Math.max(latest, Integer.parseInt(numbers.group(2)));
      }
    }
    boolean mended = minor == 1 && latest >= MENDED_6_1 || minor == 4 && latest >= MENDED_6_4;
    return mended
        ? null
        : "Linux 6.0 to 6.4 may crash when functions write to perf buffers (CVE-2023-54303): set capture.transport to ringbuf, or use 6.1.45 or 6.5 and later";
  }
}
