package io.kymo.collector.driver;

/**
 * What a driver is started with.
 *
 * @param scope what is captured
 * @param ringBytes size of the ring, a power of two and a multiple of the page size
 * @param burstBytes payload captured per socket and direction until the direction turns; sizes
 *     beyond it are still told
 * @param burstPauseNanos the budget also renews after such a pause in one direction; 0: never
 * @param segmentBytes payload of one event at most, 1 … 16384
 * @param maxSockets how many sockets the kernel keeps state of; the least recently used give way
 */
public record DriverSettings(
    Scope scope,
    int ringBytes,
    int burstBytes,
    long burstPauseNanos,
    int segmentBytes,
    int maxSockets) {
  public static final int SEGMENT_BYTES_MAX = 16_384;

  public DriverSettings {
    if (Integer.bitCount(ringBytes) != 1 || ringBytes < 4096) {
      throw new IllegalArgumentException(
          "the ring's size must be a power of two, at least 4096: " + ringBytes);
    }
    if (segmentBytes < 1 || segmentBytes > SEGMENT_BYTES_MAX) {
      throw new IllegalArgumentException(
          "payload of a segment must be 1 … 16384 bytes: " + segmentBytes);
    }
    if (burstBytes < 0 || burstPauseNanos < 0 || maxSockets < 1) {
      throw new IllegalArgumentException("sizes must not be negative");
    }
  }

  /** 8 MiB ring, 64 KiB a burst, renewed after a second's pause, 16 KiB an event, 32768 sockets. */
  public static DriverSettings of(Scope scope) {
    return new DriverSettings(scope, 8 << 20, 64 << 10, 1_000_000_000L, SEGMENT_BYTES_MAX, 32_768);
  }
}
