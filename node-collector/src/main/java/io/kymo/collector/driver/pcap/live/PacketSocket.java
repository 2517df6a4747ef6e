package io.kymo.collector.driver.pcap.live;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.kymo.collector.driver.DriverException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A packet socket of one interface, with its ring in shared memory. */
final class PacketSocket implements AutoCloseable {
  static final int BLOCK_BYTES = 1 << 18;
  private static final int FRAME_BYTES = 1 << 11;
  private static final int RETIRE_MS = 10;
  private static final int SOCK_FILTER_BYTES = 8;
  private static final int SOCK_FPROG_BYTES = 16;
  private static final int SOCKADDR_LL_BYTES = 20;
  private static final String OWN_NAMESPACE = "/proc/thread-self/ns/net";
  static final String ANY = "any";

  private final PacketLibC libc = PacketLibC.INSTANCE;
  private final int fd;
  private final int interfaceIndex;
  private Pointer memory;
  private long length;
  private long dropped;
  private boolean closed;

  private PacketSocket(int fd, int interfaceIndex) {
    this.fd = fd;
    this.interfaceIndex = interfaceIndex;
  }

  /**
   * Opens a socket that sees nothing yet.
   *
   * @param name of the interface, or any
   * @param namespace network namespace that it is in; null: this process's own
   */
  static PacketSocket open(String name, Path namespace) {
    PacketLibC libc = PacketLibC.INSTANCE;
    int own = -1;
    try {
      if (namespace != null) {
        own = enter(namespace);
      }
      int index = name.equals(ANY) ? 0 : libc.if_nametoindex(name);
      if (index == 0 && !name.equals(ANY)) {
        throw new DriverException("there is no interface " + name);
      }
      int fd =
          libc.socket(PacketLibC.AF_PACKET, PacketLibC.SOCK_DGRAM | PacketLibC.SOCK_CLOEXEC, 0);
      return new PacketSocket(fd, index);
    } catch (LastErrorException e) {
      throw new DriverException(
          e.getErrorCode() == PacketLibC.EPERM
              ? "packet sockets need root, or CAP_NET_RAW"
              : "a packet socket can not be opened: " + libc.strerror(e.getErrorCode()),
          e);
    } finally {
      if (own >= 0) {
        libc.setns(own, PacketLibC.CLONE_NEWNET);
        libc.close(own);
      }
    }
  }

  /** The calling thread alone goes there; returns the way back. */
  private static int enter(Path namespace) {
    if (!Files.exists(namespace)) {
      throw new DriverException("there is no network namespace " + namespace);
    }
    PacketLibC libc = PacketLibC.INSTANCE;
    int own = libc.open(OWN_NAMESPACE, PacketLibC.O_CLOEXEC);
    int there = libc.open(namespace.toString(), PacketLibC.O_CLOEXEC);
    try {
      libc.setns(there, PacketLibC.CLONE_NEWNET);
    } finally {
      libc.close(there);
    }
    return own;
  }

  /** Only what the program admits comes into the ring, from now on. */
  void filter(List<PortFilter.Instruction> program) {
    try (Memory code = new Memory((long) program.size() * SOCK_FILTER_BYTES);
        Memory fprog = new Memory(SOCK_FPROG_BYTES)) {
      for (int i = 0; i < program.size(); i++) {
        PortFilter.Instruction instruction = program.get(i);
        long at = (long) i * SOCK_FILTER_BYTES;
        code.setShort(at, (short) instruction.code());
        code.setByte(at + 2, (byte) instruction.whenTrue());
        code.setByte(at + 3, (byte) instruction.whenFalse());
        code.setInt(at + 4, instruction.operand());
      }
      fprog.clear();
      fprog.setShort(0, (short) program.size());
      fprog.setPointer(8, code);
      set(PacketLibC.SOL_SOCKET, PacketLibC.SO_ATTACH_FILTER, fprog);
    }
  }

  private void set(int level, int option, Pointer value) {
    try {
      libc.setsockopt(fd, level, option, value, SOCK_FPROG_BYTES);
    } catch (LastErrorException e) {
      throw failed("its filter", e);
    }
  }

  private DriverException failed(String what, LastErrorException e) {
    return new DriverException(
        "the packet socket does not take " + what + ": " + libc.strerror(e.getErrorCode()), e);
  }

  /**
   * Makes the ring and begins.
   *
   * @param bytes a multiple of {@link #BLOCK_BYTES}
   * @return the ring's memory
   */
  ByteBuffer start(int bytes) {
    try {
      byte[] version = numbers(PacketLibC.TPACKET_V3);
      libc.setsockopt(fd, PacketLibC.SOL_PACKET, PacketLibC.PACKET_VERSION, version, Integer.BYTES);
      int blocks = bytes / BLOCK_BYTES;
      byte[] request =
          numbers(BLOCK_BYTES, blocks, FRAME_BYTES, bytes / FRAME_BYTES, RETIRE_MS, 0, 0);
      libc.setsockopt(
          fd, PacketLibC.SOL_PACKET, PacketLibC.PACKET_RX_RING, request, request.length);
      memory = libc.mmap(null, bytes, PacketLibC.PROT_READ_WRITE, PacketLibC.MAP_SHARED, fd, 0);
      length = bytes;
      byte[] address = address();
      libc.bind(fd, address, address.length);
      return memory.getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
    } catch (LastErrorException e) {
      throw failed("a ring of " + bytes / 1024 + " KiB", e);
    }
  }

  private static byte[] numbers(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.nativeOrder());
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }

  /**
   * The interface was removed, or went to another network namespace: the kernel then writes -1 in
   * its place (packet_notifier in net/packet/af_packet.c). One that is only down may come up again.
   */
  boolean orphaned() {
    byte[] address = new byte[SOCKADDR_LL_BYTES];
    libc.getsockname(fd, address, new int[] {address.length});
    return ByteBuffer.wrap(address).order(ByteOrder.nativeOrder()).getInt(4) == -1;
  }

  /** struct sockaddr_ll: 0 family | 2 protocol, network order | 4 interface | … 20 bytes. */
  private byte[] address() {
    ByteBuffer address = ByteBuffer.allocate(SOCKADDR_LL_BYTES).order(ByteOrder.nativeOrder());
    address.putShort(0, (short) PacketLibC.AF_PACKET);
    address.put(3, (byte) PacketLibC.ETH_P_ALL);
    address.putInt(4, interfaceIndex);
    return address.array();
  }

  /** Packets that found no room in the ring, since the start. Thread-safe. */
  synchronized long dropped() {
    if (!closed) {
      int[] statistics = new int[3]; // struct tpacket_stats_v3: packets, drops, freezes; read once
      libc.getsockopt(
          fd,
          PacketLibC.SOL_PACKET,
          PacketLibC.PACKET_STATISTICS,
          statistics,
          new int[] {statistics.length * Integer.BYTES});
      dropped += statistics[1] & 0xffffffffL;
    }
    return dropped;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (memory != null && Pointer.nativeValue(memory) != -1) {
      libc.munmap(memory, length);
    }
    libc.close(fd);
  }
}
