package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.EventHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reader of a BPF ring buffer (Documentation/bpf/ringbuf.rst). Its pages, as the kernel maps them:
 *
 * <pre>
 *   page 0        u64 consumer position, written by us
 *   page 1        u64 producer position, written by the kernel
 *   pages 2 …     the data, mapped twice in a row: a record never wraps
 *
 *   record: u32 length | BUSY bit 31 | DISCARD bit 30, u32 page offset, then the event, padded to 8 bytes
 * </pre>
 *
 * One thread reads.
 */
final class Ring {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BUSY = 1 << 31;
  private static final int DISCARD = 1 << 30;
  private static final int RECORD_HEADER = 8;

  private final Mapping consumerMapping;
  private final Mapping producerMapping;
  private final ByteBuffer consumer;
  private final ByteBuffer producer;
  private final int dataStart;
  private final long mask;
  private final Dispatcher dispatcher = new Dispatcher();
  private long position;

  /**
   * @param fd of a map of type BPF_MAP_TYPE_RINGBUF
   * @param bytes its size
   */
  Ring(int fd, int bytes) {
    int page = LibC.INSTANCE.getpagesize();
    consumerMapping = Mapping.of(fd, page, 0, true);
    producerMapping = Mapping.of(fd, page + 2L * bytes, page, false);
    consumer = consumerMapping.buffer();
    producer = producerMapping.buffer();
    dataStart = page;
    mask = bytes - 1L;
    position = (long) LONG.getAcquire(consumer, 0);
  }

  /** Hands up to limit events over. Returns how many. */
  int poll(EventHandler handler, int limit) {
    long end = (long) LONG.getAcquire(producer, 0);
    long at = position;
    int events = 0;
    try {
      while (at < end && events < limit) {
        int record = dataStart + (int) (at & mask);
        int header = (int) INT.getAcquire(producer, record);
        if ((header & BUSY) != 0) {
          break;
        }
        int length = header & ~DISCARD;
        at +=
            (RECORD_HEADER + length + 7)
                & ~7; // moved on first: a handler that throws does not see the event again
        if ((header & DISCARD) == 0) {
          events++;
          dispatcher.dispatch(producer, record + RECORD_HEADER, handler);
        }
      }
    } finally {
      if (at != position) {
        position = at;
        LONG.setRelease(consumer, 0, at);
      }
    }
    return events;
  }

  /** Bytes that wait; may be asked from any thread. */
  long backlog() {
    return (long) LONG.getAcquire(producer, 0) - (long) LONG.getAcquire(consumer, 0);
  }

  void unmap() {
    consumerMapping.unmap();
    producerMapping.unmap();
  }
}
