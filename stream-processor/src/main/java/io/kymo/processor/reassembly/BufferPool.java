package io.kymo.processor.reassembly;

/**
 * Byte arrays of powers of two to use again, so that a window that fills and drains with each
 * message allocates nothing.
 */
final class BufferPool {
  static final byte[] NONE = {};
  private static final int SMALLEST = 9; // 512 bytes
  private static final int LARGEST = 20; // beyond 1 MiB: left to the garbage collector
  private static final int KEPT = 16;

  private final byte[][][] free = new byte[LARGEST - SMALLEST + 1][KEPT][];
  private final int[] count = new int[LARGEST - SMALLEST + 1];

  byte[] take(int atLeast) {
    int log = Math.max(SMALLEST, 32 - Integer.numberOfLeadingZeros(Math.max(1, atLeast) - 1));
    int i = log - SMALLEST;
    if (log > LARGEST || count[i] == 0) {
      return new byte[log > 30 ? atLeast : 1 << log];
    }
    byte[] buffer = free[i][--count[i]];
    free[i][count[i]] = null;
    return buffer;
  }

  void give(byte[] buffer) {
    int log = 31 - Integer.numberOfLeadingZeros(Math.max(1, buffer.length));
    int i = log - SMALLEST;
    if (log >= SMALLEST && log <= LARGEST && buffer.length == 1 << log && count[i] < KEPT) {
      free[i][count[i]++] = buffer;
    }
  }
}
