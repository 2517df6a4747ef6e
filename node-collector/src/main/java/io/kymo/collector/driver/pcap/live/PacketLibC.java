package io.kymo.collector.driver.pcap.live;

import com.sun.jna.LastErrorException;
import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** The functions of the C library that packet sockets need; each throws errno. */
interface PacketLibC extends Library {
  PacketLibC INSTANCE = Native.load("c", PacketLibC.class);

  int AF_PACKET = 17;
  int SOCK_DGRAM = 2;
  int SOCK_CLOEXEC = 0x80000;
  int SOL_SOCKET = 1;
  int SO_ATTACH_FILTER = 26;
  int SOL_PACKET = 263;
  int PACKET_RX_RING = 5;
  int PACKET_STATISTICS = 6;
  int PACKET_VERSION = 10;
  int TPACKET_V3 = 2;
  int ETH_P_ALL = 3;
  int PROT_READ_WRITE = 3;
  int MAP_SHARED = 1;
  int O_CLOEXEC = 0x80000;
  int CLONE_NEWNET = 0x40000000;
  int EPERM = 1;

  int socket(int domain, int type, int protocol) throws LastErrorException;

  int setsockopt(int fd, int level, int option, byte[] value, int length) throws LastErrorException;

  int setsockopt(int fd, int level, int option, Pointer value, int length)
      throws LastErrorException;

  int getsockopt(int fd, int level, int option, int[] value, int[] length)
      throws LastErrorException;

  int getsockname(int fd, byte[] address, int[] length) throws LastErrorException;

  int bind(int fd, byte[] address, int length) throws LastErrorException;

  Pointer mmap(Pointer address, long length, int protection, int flags, int fd, long offset)
      throws LastErrorException;

  int munmap(Pointer address, long length) throws LastErrorException;

  int close(int fd) throws LastErrorException;

  int open(String path, int flags) throws LastErrorException;

  int setns(int fd, int kind) throws LastErrorException;

  int if_nametoindex(String name);

  String strerror(int error);
}
