package io.kymo.collector.driver.pcap.file;

import java.io.IOException;

/**
 * The classic format (draft-ietf-opsawg-pcap), in either byte order, with microseconds or
 * nanoseconds.
 *
 * <pre>
 *  file:   0 magic | 4 version | 8 reserved | 16 snap length | 20 link type
 *  packet: 0 seconds | 4 fraction | 8 captured length | 12 length | 16 data
 * </pre>
 */
final class PcapFile extends CaptureFile {
  private static final int FILE_HEADER = 24;
  private static final int HEADER = 16;
  private static final long DAY = 86_400;

  /** Byte order and unit of time, as the magic number tells. */
  enum Variant {
    BIG_MICROS(0xa1b2c3d4, false, 1_000),
    LITTLE_MICROS(0xd4c3b2a1, true, 1_000),
    BIG_NANOS(0xa1b23c4d, false, 1),
    LITTLE_NANOS(0x4d3cb2a1, true, 1);

    private final int magic;
    private final boolean little;
    private final int nanos;

    Variant(int magic, boolean little, int nanos) {
      this.magic = magic;
      this.little = little;
      this.nanos = nanos;
    }

    /** Returns null for another magic number. */
    static Variant of(int magic) {
      for (Variant variant : values()) {
        if (variant.magic == magic) {
          return variant;
        }
      }
      return null;
    }
  }

  private final boolean little;
  private final int nanos;
  private final int linkType;
  private final int snapLength;
  private long lastSecond = -1;

  PcapFile(Input input, Trouble trouble, Variant variant) throws IOException {
    super(input, trouble);
    if (!input.ensure(FILE_HEADER)) {
      throw new NotACaptureException(
          "is cut within its header, after " + input.available() + " bytes");
    }
    little = variant.little;
    nanos = variant.nanos;
    long snap = input.u32(16, little);
    snapLength = snap == 0 || snap > LARGEST_PACKET ? LARGEST_PACKET : (int) snap;
    linkType = input.i32(20, little) & 0xffff; // above: length of the frame check sequence
    input.advance(FILE_HEADER);
  }

  @Override
  public String format() {
    return "pcap";
  }

  @Override
  public boolean next(Frame frame) throws IOException {
    while (input.ensure(HEADER)) {
      if (!plausible(0, false)) {
        resync();
        continue;
      }
      int captured = input.i32(8, little);
      if (!input.ensure(HEADER + captured)) {
        cut("in the middle of a packet");
        return false;
      }
      lastSecond = input.u32(0, little);
      frame.timeNs = lastSecond * 1_000_000_000L + input.u32(4, little) * nanos;
      frame.bytes = input.bytes();
      frame.offset = input.at() + HEADER;
      frame.captured = captured;
      frame.length = Math.max(captured, input.i32(12, little));
      frame.linkType = linkType;
      frame.seenOn = 0;
      frame.heading = Frame.UNKNOWN;
      input.advance(HEADER + captured);
      return true;
    }
    if (input.available() > 0 || input.brokenOff() != null) {
      cut("in the middle of a packet's header");
    }
    return false;
  }

  private void cut(String where) throws IOException {
    long offset = input.offset();
    String reason = input.brokenOff() == null ? "the file ends " + where : input.brokenOff();
    passedOver(offset, input.skipRest(), reason);
  }

  /**
   * Does a packet's header stand there?
   *
   * @param strict believe only what is usual: after damage, anything may look like one
   */
  private boolean plausible(int ahead, boolean strict) {
    int captured = input.i32(ahead + 8, little);
    int length = input.i32(ahead + 12, little);
    long fraction = input.u32(ahead + 4, little) * nanos;
    if (captured < 0 || captured > LARGEST_PACKET || length < 0 || fraction >= 1_000_000_000L) {
      return false;
    }
    if (length == 0 && captured == 0 && input.i32(ahead, little) == 0) {
      return false; // a hole in the file: no packet is of no length, and from 1970
    }
    if (!strict) {
      return true;
    }
    long second = input.u32(ahead, little);
    return captured > 0
        && captured <= snapLength
        && (length == captured || length > captured && captured == snapLength)
        && length <= LARGEST_PACKET
        && (lastSecond < 0 || Math.abs(second - lastSecond) < DAY);
  }

  /** Searches the next place where two headers follow each other. */
  private void resync() throws IOException {
    long from = input.offset();
    do {
      input.advance(1);
    } while (input.ensure(HEADER) && !followed());
    if (!input.ensure(HEADER)) {
      input.skip(Long.MAX_VALUE);
    }
    passedOver(from, input.offset() - from, "no packet begins here");
  }

  private boolean followed() throws IOException {
    if (!plausible(0, true)) {
      return false;
    }
    int size = HEADER + input.i32(8, little);
    if (!input.ensure(size)) {
      return false;
    }
    if (!input.ensure(size + HEADER)) {
      return input.available() == size; // the last one
    }
    long apart = input.u32(size, little) - input.u32(0, little);
    return plausible(size, true) && Math.abs(apart) < DAY;
  }
}
