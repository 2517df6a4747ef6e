package io.kymo.collector.driver.kmod;

import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.EventHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reader of one CPU's ring (struct kymo_ring, struct kymo_record).
 *
 * <pre>
 *   page 0    0 u64 produced, 128 u64 consumed
 *   page 1 …  records: u32 bytes | u32 kind | u64 time_ns, then the event; none wraps
 * </pre>
 */
final class CpuRing {
  /** What {@link #time} says of an empty ring. */
  static final long EMPTY = Long.MAX_VALUE;

  static final int CONSUMED_OFFSET = 128;
  static final int KIND_OFFSET = 4;
  static final int TIME_OFFSET = 8;
  static final int RECORD_BYTES = 16;
  static final int PADDING = -1;
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final ByteBuffer region;
  private final int dataStart;
  private final int mask;
  private long at;
  private long end;

  /**
   * @param dataStart where in the region the records begin
   * @param capacity bytes of records, a power of two
   */
  CpuRing(ByteBuffer region, int dataStart, int capacity) {
    this.region = region;
    this.dataStart = dataStart;
    this.mask = capacity - 1;
  }

  /** Looks how far the kernel is. */
  void refresh() {
    end = (long) LONG.getAcquire(region, 0);
  }

  /** When the next event was put in (ns, the clock of System.nanoTime), or {@link #EMPTY}. */
  long time() {
    while (at != end) {
      int record = record();
      if (region.getInt(record + KIND_OFFSET) != PADDING) {
        return region.getLong(record + TIME_OFFSET);
      }
      at += bytes(record);
    }
    return EMPTY;
  }

  /** Hands over the event of which {@link #time} told. */
  void take(Dispatcher dispatcher, EventHandler handler) {
    int record = record();
    int bytes = bytes(record);
    at += bytes; // first: a handler that throws does not see the event again
    if (bytes < RECORD_BYTES) {
      handler.onMalformed();
      return;
    }
    dispatcher.dispatch(region, record + RECORD_BYTES, bytes - RECORD_BYTES, handler);
  }

  private int record() {
    return dataStart + (int) (at & mask);
  }

  /** Of the record; all that is left when it says what no kernel writes. */
  private int bytes(int record) {
    int bytes = region.getInt(record);
    boolean sound =
        bytes >= RECORD_BYTES
            && bytes % RECORD_BYTES == 0
            && bytes <= end - at
            && bytes <= mask + 1 - (int) (at & mask);
    return sound ? bytes : (int) (end - at);
  }

  /** Gives back the memory of what was taken. */
  void release() {
    LONG.setRelease(region, CONSUMED_OFFSET, at);
  }

  /** Bytes that wait; may be asked from any thread. */
  long backlog() {
    return (long) LONG.getAcquire(region, 0) - (long) LONG.getAcquire(region, CONSUMED_OFFSET);
  }
}
