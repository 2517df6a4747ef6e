package io.kymo.collector.driver.ebpf;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import io.kymo.collector.driver.DriverException;

/** One BPF map with small keys and 4-byte values, written from user space. */
final class MapFile {
  private static final int E2BIG = 7;
  private final LibBpf library;
  private final String name;
  private final int fd;
  private final Memory key;
  private final Memory next;
  private final Memory value = new Memory(4);

  MapFile(LibBpf library, BpfObject object, String name, int keyBytes) {
    this.library = library;
    this.name = name;
    fd = object.mapFd(name);
    key = new Memory(keyBytes);
    next = new Memory(keyBytes);
  }

  void put(int number, int entry) {
    key.setInt(0, number);
    write(entry);
  }

  void putShort(int number, int entry) {
    key.setShort(0, (short) number);
    write(entry);
  }

  void put(byte[] bytes, int entry) {
    key.clear();
    key.write(0, bytes, 0, bytes.length);
    write(entry);
  }

  private void write(int entry) {
    value.setInt(0, entry);
    if (library.bpf_map_update_elem(fd, key, value, 0) != 0) {
      int error = Native.getLastError();
      throw new DriverException(
          error == E2BIG
              ? "too many entries for the kernel's map " + name
              : "map " + name + ": " + BpfObject.error(error));
    }
  }

  void remove(int number) {
    key.setInt(0, number);
    library.bpf_map_delete_elem(fd, key);
  }

  /** Hash maps only. */
  void clear() {
    while (library.bpf_map_get_next_key(fd, null, next) == 0) {
      library.bpf_map_delete_elem(fd, next);
    }
  }
}
