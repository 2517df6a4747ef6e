package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.EventHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reader of one CPU's perf buffer (perf_event_open(2), "MMAP layout").
 *
 * <pre>
 *   page 0    struct perf_event_mmap_page: 1024 u64 data_head, written by the kernel; 1032 u64 data_tail, written by us
 *   pages …   the data; records are padded to 8 bytes and wrap
 *
 *   record: u32 type | u16 misc | u16 size; a sample goes on with u64 time, u32 length, the event
 * </pre>
 */
final class PerfBuffer {
  static final int HEAD = 1024;
  static final int TAIL = 1032;

  /** What stands before the event in a sample. */
  static final int SAMPLE_HEADER = 20;

  // include/uapi/linux/perf_event.h
  static final int RECORD_SAMPLE = 9;
  private static final int RECORD_HEADER = 8;
  private static final int RECORD_BYTES_MAX = 1 << 16;

  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final ByteBuffer memory;
  private final int dataStart;
  private final int capacity;
  private final ByteBuffer wrapped =
      ByteBuffer.allocateDirect(RECORD_BYTES_MAX).order(ByteOrder.LITTLE_ENDIAN);
  private long position;
  private long head;

  /** Bytes of the sample at the position, 0 when there is none. */
  private int size;

  private long time;

  /**
   * @param memory as mapped, little endian and writable
   * @param dataStart where the data begin
   * @param capacity their length, a power of two
   */
  PerfBuffer(ByteBuffer memory, int dataStart, int capacity) {
    this.memory = memory;
    this.dataStart = dataStart;
    this.capacity = capacity;
    position = (long) LONG.getAcquire(memory, TAIL);
  }

  /** Looks what the kernel has written since. */
  void refresh() {
    head = (long) LONG.getAcquire(memory, HEAD);
  }

  /**
   * Finds the next sample; others (the kernel's word about losses, which are counted where they
   * happen) are passed over.
   *
   * @return its time in ns, {@link Long#MAX_VALUE} when there is none
   */
  long next(EventHandler handler) {
    while (size == 0 && position < head) {
      int at = at(0);
      int length = memory.getShort(at + 6) & 0xFFFF;
      if (length < RECORD_HEADER || length % 8 != 0 || length > head - position) {
        position = head; // no kernel writes that: nothing up to there can be told apart
        handler.onMalformed();
      } else if (memory.getInt(at) == RECORD_SAMPLE && length >= SAMPLE_HEADER) {
        size = length;
        time = memory.getLong(at(8));
      } else {
        position += length;
      }
    }
    return size == 0 ? Long.MAX_VALUE : time;
  }

  /** Hands over the sample that {@link #next} found. */
  void take(Dispatcher dispatcher, EventHandler handler) {
    int length = Math.min(memory.getInt(at(16)), size - SAMPLE_HEADER);
    int begin = at(SAMPLE_HEADER);
    int beforeEnd = dataStart + capacity - begin;
    position += size; // moved on first: a handler that throws does not see the event again
    size = 0;
    if (length <= beforeEnd) {
      dispatcher.dispatch(memory, begin, length, handler);
      return;
    }
    wrapped.put(0, memory, begin, beforeEnd);
    wrapped.put(beforeEnd, memory, dataStart, length - beforeEnd);
    dispatcher.dispatch(wrapped, 0, length, handler);
  }

  /** Gives the kernel the room of what was taken. */
  void release() {
    LONG.setRelease(memory, TAIL, position);
  }

  long backlog() {
    return (long) LONG.getAcquire(memory, HEAD) - (long) LONG.getAcquire(memory, TAIL);
  }

  int capacity() {
    return capacity;
  }

  private int at(int offset) {
    return dataStart + (int) ((position + offset) & (capacity - 1));
  }
}
