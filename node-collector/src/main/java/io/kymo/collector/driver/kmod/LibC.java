package io.kymo.collector.driver.kmod;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The functions of the C library that this driver calls; they set errno. */
interface LibC extends Library {
  LibC INSTANCE = Native.load("c", LibC.class);

  int PROT_READ_WRITE = 3;
  int MAP_SHARED = 1;
  int O_RDONLY = 0;
  int O_RDWR = 2;
  int O_CLOEXEC = 0x80000;

  Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset);

  int munmap(Pointer address, long length);

  int open(String path, int flags);

  long pread(int fd, Pointer into, long length, long offset);

  int ioctl(int fd, long request, Pointer argument);

  int close(int fd);

  int getpagesize();

  long syscall(long number, Object... arguments);

  String strerror(int error);

  /** What the call before says that went wrong. */
  static String lastError() {
    return INSTANCE.strerror(Native.getLastError());
  }
}
