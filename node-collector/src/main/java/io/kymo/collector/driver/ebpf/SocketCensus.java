package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * Works out how many sockets the kernel's map forgot for want of room, which it does without a
 * word: those that were kept, less those that ended, less those that are there. They are counted
 * only while the map may be nearly full, and seldom.
 */
final class SocketCensus {
  private static final long INTERVAL_NANOS = 10_000_000_000L;
  private static final int CHUNK = 4096;
  private static final int KEY_BYTES = 8;
  private static final int ENOENT = 2;
  private static final int ENOSPC = 28;

  private final LibBpf library;
  private final int fd;
  private final int valueBytes;
  private final int capacity;
  private Memory keys;
  private Memory values;
  private Memory cursor;
  private Memory count;
  private long evicted;
  private long nextNanos = Long.MIN_VALUE;

  /**
   * @param capacity entries that the map can have
   */
  SocketCensus(LibBpf library, BpfObject object, int capacity) {
    this.library = library;
    this.fd = object.mapFd("sockets");
    this.valueBytes = object.valueBytes("sockets");
    this.capacity = capacity;
  }

  /**
   * At least so many were forgotten for want of room.
   *
   * @param kept all that ever were kept
   * @param forgotten of these, ended
   */
  synchronized long evicted(long kept, long forgotten, long nowNanos) {
    if (kept - forgotten - evicted > capacity / 4 * 3L && nowNanos >= nextNanos) {
      nextNanos = nowNanos + INTERVAL_NANOS;
      long present = present();
      if (present >= 0) {
        evicted = Math.max(evicted, kept - forgotten - present);
      }
    }
    return evicted;
  }

  /** Entries of the map, -1 when the kernel does not say (before 5.6). */
  private long present() {
    if (keys == null) {
      keys = new Memory((long) CHUNK * KEY_BYTES);
      values = new Memory((long) CHUNK * valueBytes);
      cursor = new Memory(KEY_BYTES);
      count = new Memory(Integer.BYTES);
    }
    long present = 0;
    Pointer from = null;
    while (true) {
      count.setInt(0, CHUNK);
      int answer = library.bpf_map_lookup_batch(fd, from, cursor, keys, values, count, null);
      int error = answer == 0 ? 0 : Native.getLastError();
      if (error != 0 && error != ENOENT) {
        return error == ENOSPC ? present : -1;
      }
      present += count.getInt(0);
      if (error == ENOENT) {
        return present;
      }
      from = cursor;
    }
  }
}
