package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.EventHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The perf buffers of all CPUs, merged by time. An event is handed over when it is the earliest of
 * all that are there and older than the window: until then another CPU may still be writing an
 * earlier one. A buffer that is more than half full does not wait.
 */
final class PerfBuffers implements EventBuffer {
  static final long WINDOW_NANOS = 2_000_000;
  private static final int BYTES_MIN = 64 << 10;

  private final PerfBuffer[] buffers;
  private final LongSupplier clock;
  private final Runnable unmap;
  private final Dispatcher dispatcher = new Dispatcher();
  private volatile long windowNanos = WINDOW_NANOS;
  private long latest = Long.MIN_VALUE;
  private long late;

  /**
   * @param clock the clock of {@link System#nanoTime}
   * @param unmap lets go of the buffers
   */
  PerfBuffers(List<PerfBuffer> buffers, LongSupplier clock, Runnable unmap) {
    this.buffers = buffers.toArray(PerfBuffer[]::new);
    this.clock = clock;
    this.unmap = unmap;
  }

  /**
   * Opens and maps a buffer for each CPU that is online.
   *
   * @param mapFd of a map of type BPF_MAP_TYPE_PERF_EVENT_ARRAY
   * @param bytes of all buffers together, as far as each can be a power of two of at least 64 KiB
   */
  static PerfBuffers map(LibBpf library, int mapFd, int cpus, int bytes) {
    int page = LibC.INSTANCE.getpagesize();
    int each = Math.max(Integer.highestOneBit(bytes / cpus), BYTES_MIN);
    List<PerfBuffer> buffers = new ArrayList<>();
    List<Runnable> undo = new ArrayList<>();
    try (Memory key = new Memory(4);
        Memory value = new Memory(4)) {
      for (int cpu = 0; cpu < cpus; cpu++) {
        int fd = PerfEvents.open(cpu);
        if (fd < 0) {
          continue;
        }
        undo.add(() -> LibC.INSTANCE.close(fd));
        Mapping mapping = Mapping.of(fd, page + (long) each, 0, true);
        undo.add(mapping::unmap);
        buffers.add(new PerfBuffer(mapping.buffer(), page, each));
        key.setInt(0, cpu);
        value.setInt(0, fd);
        if (library.bpf_map_update_elem(mapFd, key, value, 0) != 0) {
          throw new DriverException("map perf: " + BpfObject.error(Native.getLastError()));
        }
      }
      return new PerfBuffers(buffers, System::nanoTime, () -> undo.forEach(Runnable::run));
    } catch (DriverException e) {
      undo.forEach(Runnable::run);
      throw e;
    }
  }

  @Override
  public int poll(EventHandler handler, int limit) {
    long until = clock.getAsLong() - windowNanos;
    for (PerfBuffer buffer : buffers) {
      if (buffer.backlog() > buffer.capacity() / 2) {
        until = Long.MAX_VALUE;
      }
      buffer.refresh();
    }
    int events = 0;
    try {
      while (events < limit) {
        int taken = takeRun(handler, limit - events, until);
        if (taken == 0) {
          break;
        }
        events += taken;
      }
    } finally {
      for (PerfBuffer buffer : buffers) {
        buffer.release();
      }
    }
    return events;
  }

  /** Takes from the buffer with the earliest event until another one's is earlier. */
  private int takeRun(EventHandler handler, int limit, long until) {
    PerfBuffer earliest = null;
    long first = Long.MAX_VALUE;
    long second = Long.MAX_VALUE;
    for (PerfBuffer buffer : buffers) {
      long time = buffer.next(handler);
      if (time < first) {
        second = first;
        first = time;
        earliest = buffer;
      } else if (time < second) {
        second = time;
      }
    }
    int taken = 0;
    for (long time = first;
        earliest != null && time <= until && time <= second && taken < limit;
        time = earliest.next(handler)) {
      if (time == Long.MAX_VALUE) {
        break;
      }
      if (time < latest) {
        late++;
      } else {
        latest = time;
      }
      taken++;
      earliest.take(dispatcher, handler);
    }
    return taken;
  }

  /** Events that came after a later one was handed over already. */
  long late() {
    return late;
  }

  @Override
  public void settle() {
    windowNanos = 0;
  }

  @Override
  public long backlog() {
    long sum = 0;
    for (PerfBuffer buffer : buffers) {
      sum += buffer.backlog();
    }
    return sum;
  }

  @Override
  public long capacity() {
    long sum = 0;
    for (PerfBuffer buffer : buffers) {
      sum += buffer.capacity();
    }
    return sum;
  }

  @Override
  public void unmap() {
    unmap.run();
  }
}
