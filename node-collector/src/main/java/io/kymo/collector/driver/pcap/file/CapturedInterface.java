package io.kymo.collector.driver.pcap.file;

/**
 * An interface that a pcapng file describes.
 *
 * @param resolution of its times: 10^-n s, with the highest bit set 2^-n s (if_tsresol)
 * @param offsetSeconds to be added to its times (if_tsoffset)
 */
record CapturedInterface(int linkType, long snapLength, int resolution, long offsetSeconds) {
  private static final int MICROSECONDS = 6;
  private static final int OPTION_RESOLUTION = 9;
  private static final int OPTION_OFFSET = 14;
  private static final long SECOND = 1_000_000_000L;
  private static final int NANOS_DIGITS = 9;

  /** Reads the body of the block that the input stands at; what is missing has its default. */
  static CapturedInterface of(Input input, int body, boolean little) {
    if (body < 8) {
      return new CapturedInterface(-1, CaptureFile.LARGEST_PACKET, MICROSECONDS, 0);
    }
    int resolution = MICROSECONDS;
    long offset = 0;
    for (int at = 16, end = 8 + body; at + 4 <= end; ) {
      int code = input.u16(at, little);
      int length = input.u16(at + 2, little);
      if (code == 0 || at + 4 + length > end) {
        break;
      }
      if (code == OPTION_RESOLUTION && length == 1) {
        resolution = input.u8(at + 4);
      } else if (code == OPTION_OFFSET && length == 8) {
        long first = input.u32(at + 4, little);
        long second = input.u32(at + 8, little);
        offset = little ? second << 32 | first : first << 32 | second;
      }
      at += 4 + (length + 3 & ~3);
    }
    long snap = input.u32(12, little);
    return new CapturedInterface(
        input.u16(8, little), snap == 0 ? CaptureFile.LARGEST_PACKET : snap, resolution, offset);
  }

  /** ns since the epoch. */
  long nanos(long ticks) {
    int digits = resolution & 0x7f;
    return offsetSeconds * SECOND
        + ((resolution & 0x80) == 0 ? decimal(ticks, digits) : binary(ticks, digits));
  }

  private static long decimal(long ticks, int digits) {
    long nanos = ticks;
    for (int i = digits; i < NANOS_DIGITS; i++) {
      nanos *= 10;
    }
    for (int i = NANOS_DIGITS; i < digits && nanos != 0; i++) {
      nanos = Long.divideUnsigned(nanos, 10);
    }
    return nanos;
  }

  private static long binary(long ticks, int digits) {
    if (digits > 63) {
      return 0;
    }
    long fraction = ticks & (1L << digits) - 1;
    int shift = Math.max(0, digits - 30); // so that the product has 63 bits at most
    return (ticks >>> digits) * SECOND + ((fraction >>> shift) * SECOND >>> digits - shift);
  }
}
