package io.kymo.collector.driver.ebpf;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The functions of the C library that the driver calls. */
interface LibC extends Library {
  LibC INSTANCE = Native.load("c", LibC.class);

  int PROT_READ = 1;
  int PROT_WRITE = 2;
  int MAP_SHARED = 1;
  int O_RDONLY = 0;
  int O_DIRECTORY = 0x10000;
  int O_CLOEXEC = 0x80000;

  Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset);

  int munmap(Pointer address, long length);

  int open(String path, int flags);

  int close(int fd);

  long syscall(
      long number, Pointer argument0, int argument1, int argument2, int argument3, long argument4);

  long read(int fd, Pointer into, long length);

  int getpagesize();

  String strerror(int error);
}
