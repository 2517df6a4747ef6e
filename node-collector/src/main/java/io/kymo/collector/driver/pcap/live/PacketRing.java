package io.kymo.collector.driver.pcap.live;

import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.packet.LinkType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a ring of blocks of packets (linux/if_packet.h, TPACKET_V3). The kernel fills a block and
 * hands it over; when all its packets were read it is handed back.
 *
 * <pre>
 *  block:  0 version | 4 | 8 status | 12 packets | 16 offset of the first | 20 length | 24 number | 32 times
 *  packet: 0 next | 4 s | 8 ns | 12 captured | 16 length | 20 status | 24 link layer at | 26 network at
 *          48 sockaddr_ll: 48 family | 50 protocol | 52 interface | 56 ARPHRD | 58 packet type
 * </pre>
 */
final class PacketRing {
  private static final int STATUS = 8;
  private static final int COUNT = 12;
  private static final int FIRST = 16;
  private static final int USER = 1;
  private static final int LOOPBACK = 772; // ARPHRD_LOOPBACK
  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final ByteBuffer memory;
  private final int blocks;
  private int block;
  private int left;
  private int at;
  private boolean inBlock;
  private byte[] bytes = new byte[1 << 16];

  PacketRing(ByteBuffer memory) {
    this.memory = memory;
    this.blocks = memory.capacity() / PacketSocket.BLOCK_BYTES;
  }

  /** Moves to the next packet, copied out of the ring; false when there is none. */
  boolean next(Frame frame) {
    while (true) {
      if (left > 0) {
        boolean wanted = read(frame);
        left--;
        at += memory.getInt(at);
        if (wanted) {
          return true;
        }
        continue;
      }
      if (inBlock) {
        INT.setRelease(memory, start() + STATUS, 0);
        inBlock = false;
        block = (block + 1) % blocks;
      }
      if (((int) INT.getAcquire(memory, start() + STATUS) & USER) == 0) {
        return false;
      }
      inBlock = true;
      left = memory.getInt(start() + COUNT);
      at = start() + memory.getInt(start() + FIRST);
    }
  }

  private int start() {
    return block * PacketSocket.BLOCK_BYTES;
  }

  /** What leaves by the loopback interface also comes by it: it is wanted once. */
  private boolean read(Frame frame) {
    int type = memory.get(at + 58) & 0xff;
    boolean loopback = (memory.getShort(at + 56) & 0xffff) == LOOPBACK;
    if (loopback && type == LinkType.PACKET_OUTGOING) {
      return false;
    }
    int captured = memory.getInt(at + 12);
    if (bytes.length < captured) {
      bytes = new byte[captured];
    }
    memory.get(at + (memory.getShort(at + 24) & 0xffff), bytes, 0, captured);
    frame.bytes = bytes;
    frame.offset = 0;
    frame.captured = captured;
    frame.length = Math.max(captured, memory.getInt(at + 16));
    frame.timeNs = (memory.getInt(at + 4) & 0xffffffffL) * 1_000_000_000L + memory.getInt(at + 8);
    // network order
    int protocol = (memory.get(at + 50) & 0xff) << 8 | memory.get(at + 51) & 0xff;
    frame.linkType = LinkType.WITHOUT_LINK_LAYER | protocol;
    frame.seenOn = memory.getInt(at + 52);
    frame.heading =
        type == LinkType.PACKET_OUTGOING
            ? Frame.OUTBOUND
            : type == LinkType.PACKET_HOST ? Frame.INBOUND : Frame.UNKNOWN;
    return true;
  }

  /** Bytes in blocks that the kernel has handed over. */
  long backlog() {
    long full = 0;
    for (int i = 0; i < blocks; i++) {
      int status = (int) INT.getAcquire(memory, i * PacketSocket.BLOCK_BYTES + STATUS);
      full += (status & USER) != 0 ? PacketSocket.BLOCK_BYTES : 0;
    }
    return full;
  }
}
