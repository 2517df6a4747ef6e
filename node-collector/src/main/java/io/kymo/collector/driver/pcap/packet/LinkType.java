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

  /** What is not understood, for people: the number and, where it is common, the name. */
  public static String describe(int type) {
    String name =
        switch (type) {
          case 9, 50 -> "PPP";
          case 51 -> "PPPoE";
          case 104 -> "Cisco HDLC";
          case 105 -> "IEEE 802.11";
          case 117 -> "pflog";
          case 119 -> "IEEE 802.11 with Prism header";
          case 127 -> "IEEE 802.11 with radiotap header";
          case 163 -> "IEEE 802.11 with AVS header";
          case 187, 201 -> "Bluetooth HCI";
          case 189, 220, 249 -> "USB";
          case 192 -> "PPI";
          case 195, 230 -> "IEEE 802.15.4";
          case 239 -> "nflog";
          case 253 -> "netlink";
          case 271 -> "vsock";
          default -> "";
        };
    return name.isEmpty() ? Integer.toString(type) : type + " (" + name + ")";
  }

  /** AF_INET is 2 everywhere; AF_INET6 is 10 on Linux, 24 on NetBSD, 28 on FreeBSD, 30 on macOS. */
  static boolean isIpFamily(int family) {
    return family == 2 || family == 10 || family == 24 || family == 28 || family == 30;
  }
}
