package io.kymo.collector.driver.pcap.file;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.GZIPInputStream;

/**
 * Unpacks gzip (RFC 1952), one member behind the other, and knows how much stands behind the last
 * one that is none: {@link GZIPInputStream} keeps silent about it.
 */
final class Unpacked extends GZIPInputStream {
  private static final int BUFFER = 1 << 16;
  private static final int TRAILER = 8;

  private final Tally packed;
  private long filled;
  private long behind = -1;

  private Unpacked(Tally packed) throws IOException {
    super(packed, BUFFER);
    this.packed = packed;
    filled = packed.count;
  }

  /**
   * @throws IOException as {@link GZIPInputStream} does for a header that is none
   */
  static Unpacked of(InputStream packed) throws IOException {
    return new Unpacked(new Tally(packed));
  }

  @Override
  protected void fill() throws IOException {
    super.fill();
    filled = packed.count;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int read = super.read(into, offset, length);
    if (read < 0 && behind < 0) {
      packed.transferTo(OutputStream.nullOutputStream());
      behind = Math.max(0, packed.count - filled + inf.getRemaining() - TRAILER);
    }
    return read;
  }

  /** Bytes behind the end, known when that has been read. */
  long behind() {
    return Math.max(0, behind);
  }

  /** Counts what is taken out of a stream. */
  private static final class Tally extends FilterInputStream {
    private long count;

    Tally(InputStream in) {
      super(in);
    }

    /** GZIPInputStream looks for another member only where it hears of more bytes. */
    @Override
    public int available() {
      return 1;
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      count += read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = in.read(into, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }
}
