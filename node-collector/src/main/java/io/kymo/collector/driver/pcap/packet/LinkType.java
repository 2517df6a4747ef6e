package io.kymo.collector.driver.pcap.packet;

/** Numbers of link types (draft-ietf-opsawg-pcaplinktype) and what they are made of. */
public final class LinkType {
  public static final int NULL = 0;
  public static final int ETHERNET = 1;

  /** LINKTYPE_RAW has a number of its own in files; some programs write their system's DLT_RAW. */
  static final int RAW_BSD = 12;

  static final int RAW_OPENBSD = 14;
  public static final int RAW = 101;
  public static final int LOOP = 108;
  public static final int COOKED = 113;
  public static final int IPV4 = 228;
  public static final int IPV6 = 229;
  public static final int COOKED_2 = 276;

  /** Added to an EtherType: the frame begins with what that one names. */
  public static final int WITHOUT_LINK_LAYER = 1 << 16;

  // linux/if_packet.h
  public static final int PACKET_HOST = 0;
  public static final int PACKET_OUTGOING = 4;

  private LinkType() {}

  /** AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD, 28 on FreeBSD, 30 on macOS. */
  static boolean isIpFamily(int family) {
    return family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
  }
}
