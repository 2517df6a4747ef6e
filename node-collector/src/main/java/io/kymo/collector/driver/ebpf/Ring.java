package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.EventHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Reader of a BPF ring buffer (Documentation/bpf/ringbuf.rst). Its pages, as the kernel maps them:
 *
 * <pre>
 *   page 0        u64 consumer position, written by us
 *   page 1        u64 producer position, written by the kernel
 *   pages 2 …     the data
 *
 *   record: u32 length | BUSY bit 31 | DISCARD bit 30, u32 page offset, then the event, padded to 8 bytes
 * </pre>
 *
 * The kernel offers the data twice in a row, so that no record wraps. They are mapped once here,
 * because each page would count twice in the memory of this process; the one record of each turn
 * that goes over the end is put together in a buffer of its own.
 */
final class Ring implements EventBuffer {
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int BUSY = 1 << 31;
  private static final int DISCARD = 1 << 30;
  private static final int RECORD_HEADER = 8;
  private static final int WRAPPED_BYTES = 32 << 10;

  private final List<Mapping> mappings;
  private final ByteBuffer consumer;
  private final ByteBuffer producer;
  private final int dataStart;
  private final int capacity;
  private final Dispatcher dispatcher = new Dispatcher();
  private ByteBuffer wrapped = directBytes(WRAPPED_BYTES);
  private long position;

  /**
   * @param consumer begins with the consumer's position; writable
   * @param producer begins with the producer's position
   * @param dataStart where in it the data begin
   * @param capacity bytes of data, a power of two
   */
  Ring(
      List<Mapping> mappings,
      ByteBuffer consumer,
      ByteBuffer producer,
      int dataStart,
      int capacity) {
    this.mappings = mappings;
    this.consumer = consumer;
    this.producer = producer;
    this.dataStart = dataStart;
    this.capacity = capacity;
    position = (long) LONG.getAcquire(consumer, 0);
  }

  /**
   * @param fd of a map of type BPF_MAP_TYPE_RINGBUF
   * @param bytes its size
   */
  static Ring map(int fd, int bytes) {
    int page = LibC.INSTANCE.getpagesize();
    Mapping consumer = Mapping.of(fd, page, 0, true);
    try {
      Mapping producer = Mapping.of(fd, page + (long) bytes, page, false);
      return new Ring(
          List.of(consumer, producer), consumer.buffer(), producer.buffer(), page, bytes);
    } catch (RuntimeException e) {
      consumer.unmap();
      throw e;
    }
  }

  @Override
  public int poll(EventHandler handler, int limit) {
    long end = (long) LONG.getAcquire(producer, 0);
    long at = position;
    int events = 0;
    try {
      while (at < end && events < limit) {
        int record = (int) (at & (capacity - 1));
        int header = (int) INT.getAcquire(producer, dataStart + record);
        if ((header & BUSY) != 0) {
          break;
        }
        int length = header & ~DISCARD;
        // moved on first: a handler that throws does not see the event again
        at += (RECORD_HEADER + (long) length + 7) & ~7;
        if (at > end) { // no kernel writes that: nothing from here to the end can be told apart
          at = end;
          events++;
          handler.onMalformed();
        } else if ((header & DISCARD) == 0) {
          events++;
          dispatch(record + RECORD_HEADER, length, handler);
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

  private void dispatch(int at, int length, EventHandler handler) {
    int begin = at & (capacity - 1);
    int beforeEnd = capacity - begin;
    if (length <= beforeEnd) {
      dispatcher.dispatch(producer, dataStart + begin, length, handler);
      return;
    }
    if (length > wrapped.capacity()) {
      wrapped = directBytes(length);
    }
    wrapped.put(0, producer, dataStart + begin, beforeEnd);
    wrapped.put(beforeEnd, producer, dataStart, length - beforeEnd);
    dispatcher.dispatch(wrapped, 0, length, handler);
  }

  @Override
  public long backlog() {
    return (long) LONG.getAcquire(producer, 0) - (long) LONG.getAcquire(consumer, 0);
  }

  @Override
  public long capacity() {
    return capacity;
  }

  @Override
  public void unmap() {
    mappings.forEach(Mapping::unmap);
  }

  private static ByteBuffer directBytes(int length) {
    return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
