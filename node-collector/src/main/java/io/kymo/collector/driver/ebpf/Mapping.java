package io.kymo.collector.driver.ebpf;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import io.kymo.collector.driver.DriverException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Memory shared with the kernel, as a little-endian direct buffer. */
final class Mapping {
  private static final long MAP_FAILED = -1;
  private final Pointer pointer;
  private final long length;

  private Mapping(Pointer pointer, long length) {
    this.pointer = pointer;
    this.length = length;
  }

  /**
   * @param writable false: read only
   * @param offset in bytes, a multiple of the page size
   */
  static Mapping of(int fd, long length, long offset, boolean writable) {
    int protection = LibC.PROT_READ | (writable ? LibC.PROT_WRITE : 0);
    Pointer at = LibC.INSTANCE.mmap(null, length, protection, LibC.MAP_SHARED, fd, offset);
    if (Pointer.nativeValue(at) == MAP_FAILED) {
      throw new DriverException(
          "the kernel's memory can not be mapped: "
              + LibC.INSTANCE.strerror(Native.getLastError()));
    }
    return new Mapping(at, length);
  }

  ByteBuffer buffer() {
    return pointer.getByteBuffer(0, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** No buffer of this mapping may be touched afterwards. */
  void unmap() {
    LibC.INSTANCE.munmap(pointer, length);
  }
}
