package io.kymo.collector.driver.pcap.file;

/**
 * One packet as it stands in a file or ring: link layer and all. A flyweight: valid until the next
 * one is read.
 */
public final class Frame {
  /** Values of {@link #heading}. */
  public static final int UNKNOWN = 0;

  /** Comes to the host that captured. */
  public static final int INBOUND = 1;

  /** Leaves the host that captured. */
  public static final int OUTBOUND = 2;

  /** Memory that it lies in, where it begins there, and how much of it was captured. */
  public byte[] bytes = new byte[0];

  public int offset;
  public int captured;

  /** Bytes on the wire, at least {@link #captured}. */
  public int length;

  /** ns since the epoch. */
  public long timeNs;

  /**
   * Number of the link type, see https://www.ietf.org/archive/id/draft-ietf-opsawg-pcaplinktype.
   */
  public int linkType;

  /** Which interface of the capture it was seen on, counted from 0. */
  public int seenOn;

  public int heading;
}
