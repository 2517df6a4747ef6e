package io.kymo.collector.driver.pcap.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.zip.ZipException;

/**
 * Reads the packets of one file, front to back. Memory does not grow with the file. Made with
 * {@link #open}; for one thread.
 */
public abstract class CaptureFile implements Closeable {
  /** Larger packets are not believed (libpcap's MAXIMUM_SNAPLEN for most link types). */
  static final int LARGEST_PACKET = 262_144;

  final Input input;
  private final Trouble trouble;
  private long troubles;
  private long passedOver;

  CaptureFile(Input input, Trouble trouble) {
    this.input = input;
    this.trouble = trouble;
  }

  /**
   * Finds out the format; compressed files (gzip) are unpacked on the way.
   *
   * @param in closed with the file, or when this fails
   * @throws NotACaptureException when it is neither pcap nor pcapng
   */
  public static CaptureFile open(InputStream in, Trouble trouble) throws IOException {
    boolean opened = false;
    try {
      Input input = new Input(in);
      if (input.ensure(2) && input.u8(0) == 0x1f && input.u8(1) == 0x8b) {
        input = new Input(unpacked(new SequenceInputStream(input.buffered(), in)));
      }
      CaptureFile file = ofMagic(input, trouble);
      opened = true;
      return file;
    } finally {
      if (!opened) {
        in.close();
      }
    }
  }

  private static Unpacked unpacked(InputStream in) throws IOException {
    try {
      return Unpacked.of(in);
    } catch (EOFException | ZipException e) {
      String why = e.getMessage() == null ? "it ends early" : e.getMessage();
      throw new NotACaptureException("begins like gzip, but has a broken header: " + why);
    }
  }

  private static CaptureFile ofMagic(Input input, Trouble trouble) throws IOException {
    if (!input.ensure(4)) {
      if (input.brokenOff() != null) {
        throw new NotACaptureException("cannot be unpacked: " + input.brokenOff());
      }
      throw new NotACaptureException(
          input.available() == 0
              ? "is empty"
              : "has only " + input.available() + " bytes: too short for a capture");
    }
    int magic = input.i32(0, false);
    if (magic == PcapngFile.SECTION) {
      return new PcapngFile(input, trouble);
    }
    PcapFile.Variant variant = PcapFile.Variant.of(magic);
    if (variant == null) {
      throw new NotACaptureException(
          "is neither pcap nor pcapng: begins with %08x".formatted(magic));
    }
    return new PcapFile(input, trouble, variant);
  }

  /**
   * Moves to the next packet.
   *
   * @return false at the end
   * @throws IOException when the file cannot be read any further
   */
  public abstract boolean next(Frame frame) throws IOException;

  /** pcap or pcapng. */
  public abstract String format();

  /** Packets that the capturing program says were lost before they came into the file. */
  public long droppedByCapture() {
    return 0;
  }

  /** Bytes read so far, unpacked. */
  public long offset() {
    return input.offset();
  }

  /** How many parts could not be read. */
  public long troubles() {
    return troubles;
  }

  /** Bytes in these parts. */
  public long passedOverBytes() {
    return passedOver;
  }

  final void passedOver(long offset, long bytes, String reason) {
    troubles++;
    passedOver += bytes;
    trouble.passedOver(offset, bytes, reason);
  }

  @Override
  public void close() throws IOException {
    input.close();
  }
}
