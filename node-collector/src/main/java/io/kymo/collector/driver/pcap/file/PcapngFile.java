package io.kymo.collector.driver.pcap.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The newer format (draft-ietf-opsawg-pcapng): sections of blocks, several interfaces. Blocks that
 * hold no packets are passed over, whatever their type.
 *
 * <pre>
 *  0 type | 4 total length | 8 body, padded to 32 bits | total length again
 * </pre>
 */
final class PcapngFile extends CaptureFile {
  static final int SECTION = 0x0a0d0d0a;
  private static final int INTERFACE = 1;
  private static final int OLD_PACKET = 2;
  private static final int SIMPLE_PACKET = 3;
  private static final int STATISTICS = 5;
  private static final int PACKET = 6;
  private static final int LITTLE_MAGIC = 0x4d3c2b1a;
  private static final int BIG_MAGIC = 0x1a2b3c4d;
  private static final int SMALLEST_BLOCK = 12;
  private static final int LARGEST_BLOCK = 1 << 20; // of those that are looked into
  private static final long LARGEST_SKIPPED = 1L << 31;

  private static final int OPTION_FLAGS = 2;
  private static final int OPTION_IFDROP = 5;

  private final List<CapturedInterface> interfaces = new ArrayList<>();
  private boolean little;
  private boolean inSection;
  private int firstOfSection;
  private long lastTime;
  private long dropped;

  PcapngFile(Input input, Trouble trouble) {
    super(input, trouble);
  }

  @Override
  public String format() {
    return "pcapng";
  }

  @Override
  public long droppedByCapture() {
    return dropped;
  }

  @Override
  public boolean next(Frame frame) throws IOException {
    while (input.ensure(SMALLEST_BLOCK)) {
      if (input.i32(0, false) == SECTION) {
        byteOrder();
      }
      int type = input.i32(0, little);
      long total = input.u32(4, little);
      if (!inSection || total < SMALLEST_BLOCK || total % 4 != 0 || total > LARGEST_SKIPPED) {
        resync("no block begins here");
        continue;
      }
      boolean lookedInto = type == SECTION || type <= PACKET && type > 0;
      if (!lookedInto || total > LARGEST_BLOCK) {
        if (skipBlock(total, lookedInto)) {
          continue;
        }
        return false;
      }
      if (!input.ensure((int) total)) {
        cut();
        return false;
      }
      if (input.u32((int) total - 4, little) != total) {
        resync("the two lengths of a block differ");
        continue;
      }
      boolean packet = block(type, (int) total, frame);
      input.advance((int) total);
      if (packet) {
        return true;
      }
    }
    if (input.available() > 0 || input.brokenOff() != null) {
      cut();
    }
    return false;
  }

  private void cut() throws IOException {
    long offset = input.offset();
    String reason =
        input.brokenOff() == null ? "the file ends in the middle of a block" : input.brokenOff();
    passedOver(offset, input.skipRest(), reason);
  }

  private boolean skipBlock(long total, boolean tooLarge) throws IOException {
    long offset = input.offset();
    long skipped = input.skip(total);
    if (tooLarge) {
      passedOver(offset, skipped, "a block of " + total + " bytes is too large");
    } else if (skipped < total) {
      passedOver(offset, skipped, "the file ends in the middle of a block");
    }
    return skipped == total;
  }

  /** Each section has its own; its first block says which. */
  private void byteOrder() {
    int magic = input.i32(8, false);
    if (magic == LITTLE_MAGIC || magic == BIG_MAGIC) {
      little = magic == LITTLE_MAGIC;
      inSection = true;
    }
  }

  /** True when it is a packet, which then stands in {@code frame}. */
  private boolean block(int type, int total, Frame frame) {
    int body = total - SMALLEST_BLOCK;
    switch (type) {
      case SECTION -> firstOfSection = interfaces.size();
      case INTERFACE -> {
        if (body < 8) {
          passedOver(input.offset(), total, "the description of an interface is cut");
        }
        interfaces.add(CapturedInterface.of(input, body, little));
      }
      case STATISTICS -> dropped += option(8 + 12, 8 + body, OPTION_IFDROP, 8);
      case PACKET -> {
        return packet(total, body, frame, input.u32(8, little), 8 + 20, true);
      }
      case OLD_PACKET -> {
        return packet(total, body, frame, input.u16(8, little), 8 + 20, false);
      }
      case SIMPLE_PACKET -> {
        return simplePacket(total, body, frame);
      }
      default -> {
        // names, … : nothing that is needed here
      }
    }
    return false;
  }

  private boolean packet(int total, int body, Frame frame, long number, int header, boolean flags) {
    CapturedInterface seenOn = numbered(number);
    if (body < 20 || seenOn == null) {
      passedOver(
          input.offset(),
          total,
          body < 20 ? "a packet's block is cut" : "a packet of an interface that is not described");
      return false;
    }
    long ticks = input.u32(12, little) << 32 | input.u32(16, little);
    long captured = input.u32(20, little);
    long length = input.u32(24, little);
    if (captured > body - 20) {
      passedOver(input.offset(), total, "a packet is longer than its block");
      return false;
    }
    lastTime = seenOn.nanos(ticks);
    fill(frame, seenOn, (int) number, header, (int) captured, length);
    int options = header + ((int) captured + 3 & ~3);
    frame.heading =
        flags && options + 8 <= total - 4
            ? (int) option(options, total - 4, OPTION_FLAGS, 4) & 3
            : Frame.UNKNOWN;
    return true;
  }

  /** Has no time and no interface: those of the packet before, and the first. */
  private boolean simplePacket(int total, int body, Frame frame) {
    CapturedInterface seenOn = numbered(0);
    if (body < 4 || seenOn == null) {
      passedOver(input.offset(), total, "a simple packet without interface or length");
      return false;
    }
    long length = input.u32(8, little);
    long captured = Math.min(Math.min(length, seenOn.snapLength()), body - 4);
    fill(frame, seenOn, 0, 8 + 4, (int) captured, length);
    frame.heading = Frame.UNKNOWN;
    return true;
  }

  private void fill(
      Frame frame, CapturedInterface seenOn, int number, int header, int captured, long length) {
    frame.bytes = input.bytes();
    frame.offset = input.at() + header;
    frame.captured = captured;
    frame.length = (int) Math.max(captured, Math.min(length, Integer.MAX_VALUE));
    frame.timeNs = lastTime;
    frame.linkType = seenOn.linkType();
    frame.seenOn = firstOfSection + number;
  }

  private CapturedInterface numbered(long number) {
    long index = firstOfSection + number;
    return index < interfaces.size() ? interfaces.get((int) index) : null;
  }

  /** The option's value as a number, 0 when it is not there or of another length. */
  private long option(int from, int end, int wanted, int wantedLength) {
    for (int at = from; at + 4 <= end; ) {
      int code = input.u16(at, little);
      int length = input.u16(at + 2, little);
      if (code == 0 || at + 4 + length > end) {
        return 0;
      }
      if (code == wanted && length == wantedLength) {
        long first = input.u32(at + 4, little);
        if (length == 4) {
          return first;
        }
        long second = input.u32(at + 8, little);
        return little ? second << 32 | first : first << 32 | second;
      }
      at += 4 + (length + 3 & ~3);
    }
    return 0;
  }

  /** Searches the next place where a block stands whose two lengths are equal. */
  private void resync(String reason) throws IOException {
    long from = input.offset();
    do {
      input.advance(4);
    } while (input.ensure(SMALLEST_BLOCK) && !wholeBlock());
    if (!input.ensure(SMALLEST_BLOCK)) {
      input.skip(Long.MAX_VALUE);
    }
    passedOver(from, input.offset() - from, reason);
  }

  private boolean wholeBlock() throws IOException {
    if (input.i32(0, false) == SECTION) {
      byteOrder();
    }
    int type = input.i32(0, little);
    long total = input.u32(4, little);
    boolean known = type == SECTION || type > 0 && type <= 16;
    return inSection
        && known
        && total >= SMALLEST_BLOCK
        && total % 4 == 0
        && total <= LARGEST_BLOCK
        && input.ensure((int) total)
        && input.u32((int) total - 4, little) == total;
  }
}
