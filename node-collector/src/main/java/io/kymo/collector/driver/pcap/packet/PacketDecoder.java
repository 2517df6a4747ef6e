package io.kymo.collector.driver.pcap.packet;

import static io.kymo.collector.driver.pcap.packet.Bytes.i32;
import static io.kymo.collector.driver.pcap.packet.Bytes.i64;
import static io.kymo.collector.driver.pcap.packet.Bytes.u16;
import static io.kymo.collector.driver.pcap.packet.Bytes.u8;

import io.kymo.collector.driver.pcap.file.Frame;

/**
 * Decodes frames down to TCP and UDP. Knows Ethernet with 802.1Q and 802.1ad tags, Linux cooked (v1
 * and v2), NULL and LOOP, raw IP; IPv4 and IPv6 with extension headers and fragments; GRE, VXLAN
 * and IP in IP, of which the innermost packet counts. Checksums are not looked at: where packets
 * are captured on the sending host, its network card has yet to fill them in. For one thread;
 * allocates nothing but for fragments.
 */
public final class PacketDecoder {
  /** Tags, tunnels and extension headers of one packet that are looked into. */
  private static final int DEEPEST = 16;

  // https://www.iana.org/assignments/ieee-802-numbers and protocol-numbers
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86dd;
  private static final int TAG = 0x8100;
  private static final int SERVICE_TAG = 0x88a8;
  private static final int OLD_SERVICE_TAG = 0x9100;
  private static final int ETHERNET_IN_GRE = 0x6558;
  private static final int HOP_BY_HOP = 0;
  private static final int IPV4_IN_IP = 4;
  private static final int IPV6_IN_IP = 41;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int GRE = 47;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION = 60;

  private static final int VXLAN_PORT = 4789; // RFC 7348
  private static final int VXLAN_PORT_OF_LINUX = 8472; // the kernel's default
  private static final int VXLAN_HEADER = 8;

  private final Packet packet = new Packet();
  private final PacketCounters counters;
  private final Fragments fragments;

  // the frame that is being decoded
  private byte[] bytes;
  private int end; // of what was captured
  private long trueEnd; // of what was on the wire
  private int depth;

  public PacketDecoder(PacketCounters counters) {
    this.counters = counters;
    this.fragments = new Fragments(counters);
  }

  /** Returns what the frame carries, or null when that is counted elsewhere or not complete yet. */
  public Packet decode(Frame frame) {
    counters.add(PacketCounter.PACKETS, 1);
    counters.add(PacketCounter.PACKET_BYTES, frame.length);
    bytes = frame.bytes;
    end = frame.offset + frame.captured;
    trueEnd = (long) frame.offset + frame.length;
    depth = 0;
    packet.timeNs = frame.timeNs;
    packet.seenOn = frame.seenOn;
    packet.heading = frame.heading;
    if (!link(frame.linkType, frame.offset)) {
      return null;
    }
    counters.add(PacketCounter.SEGMENTS, 1);
    counters.add(PacketCounter.PAYLOAD_BYTES, packet.length);
    return packet;
  }

  /** To be called when the capture ends: fragments that still wait are counted as lost. */
  public void finish() {
    fragments.forgetAll();
  }

  private boolean link(int type, int at) {
    if (type > 0xffff) {
      return etherType(type & 0xffff, at);
    }
    return switch (type) {
      case LinkType.ETHERNET -> ethernet(at);
      case LinkType.NULL, LinkType.LOOP -> family(at);
      case LinkType.RAW, LinkType.RAW_BSD, LinkType.RAW_OPENBSD, LinkType.IPV4, LinkType.IPV6 ->
          ip(at);
      case LinkType.COOKED -> cooked(at);
      case LinkType.COOKED_2 -> cooked2(at);
      default -> no(PacketCounter.UNKNOWN_LINK);
    };
  }

  private boolean no(PacketCounter why) {
    counters.add(why, 1);
    return false;
  }

  /** Are there {@code count} bytes? When not, that is counted. */
  private boolean has(int at, int count) {
    if (end - at >= count) {
      return true;
    }
    return no(trueEnd - at >= count ? PacketCounter.CUT_HEADERS : PacketCounter.MALFORMED_PACKETS);
  }

  private boolean ethernet(int at) {
    return has(at, 14) && etherType(u16(bytes, at + 12), at + 14);
  }

  /**
   *
   *
   * <pre>0 packet type | 2 ARPHRD | 4 address length | 6 address[8] | 14 protocol</pre>
   */
  private boolean cooked(int at) {
    if (!has(at, 16)) {
      return false;
    }
    heading(u16(bytes, at));
    return etherType(u16(bytes, at + 14), at + 16);
  }

  /**
   *
   *
   * <pre>
   * 0 protocol | 2 reserved | 4 interface | 8 ARPHRD | 10 packet type | 11 address length | 12 address[8]
   * </pre>
   */
  private boolean cooked2(int at) {
    if (!has(at, 20)) {
      return false;
    }
    packet.seenOn = i32(bytes, at + 4);
    heading(u8(bytes, at + 10));
    return etherType(u16(bytes, at), at + 20);
  }

  /** As in sockaddr_ll: 0 to this host, 4 sent by it, else between others. */
  private void heading(int packetType) {
    packet.heading =
        packetType == LinkType.PACKET_OUTGOING
            ? Frame.OUTBOUND
            : packetType == LinkType.PACKET_HOST ? Frame.INBOUND : Frame.UNKNOWN;
  }

  /** NULL has the capturing host's byte order, and its number of the address family. */
  private boolean family(int at) {
    if (!has(at, 4)) {
      return false;
    }
    int family = i32(bytes, at);
    int either = (family & 0xffff0000) != 0 ? Integer.reverseBytes(family) : family;
    return LinkType.isIpFamily(either) ? ip(at + 4) : no(PacketCounter.NOT_IP);
  }

  private boolean etherType(int type, int at) {
    return switch (type) {
      case IPV4, IPV6 -> ip(at);
      case TAG, SERVICE_TAG, OLD_SERVICE_TAG -> deeper() && has(at, 4) && tagged(at);
      default -> no(PacketCounter.NOT_IP);
    };
  }

  private boolean tagged(int at) {
    return etherType(u16(bytes, at + 2), at + 4);
  }

  private boolean deeper() {
    return ++depth <= DEEPEST || no(PacketCounter.TOO_DEEP);
  }

  private boolean ip(int at) {
    if (!deeper() || !has(at, 1)) {
      return false;
    }
    return switch (u8(bytes, at) >> 4) {
      case 4 -> ipv4(at);
      case 6 -> ipv6(at);
      default -> no(PacketCounter.MALFORMED_PACKETS);
    };
  }

  /** RFC 791. A total length of 0 is that of a packet that the network card will cut (TSO). */
  private boolean ipv4(int at) {
    if (!has(at, 20)) {
      return false;
    }
    int header = (u8(bytes, at) & 15) * 4;
    int total = u16(bytes, at + 2);
    if (header < 20 || total != 0 && (total < header || at + total > trueEnd)) {
      return no(PacketCounter.MALFORMED_PACKETS);
    }
    if (!has(at, header)) {
      return false;
    }
    endAt(total == 0 ? trueEnd : at + (long) total);
    packet.v6 = false;
    packet.sourceHigh = 0;
    packet.sourceLow = Packet.V4_PREFIX | i32(bytes, at + 12) & 0xffffffffL;
    packet.targetHigh = 0;
    packet.targetLow = Packet.V4_PREFIX | i32(bytes, at + 16) & 0xffffffffL;
    int protocol = u8(bytes, at + 9);
    int fragment = u16(bytes, at + 6);
    if ((fragment & 0x3fff) != 0) {
      boolean more = (fragment & 0x2000) != 0;
      return fragment(u16(bytes, at + 4), protocol, (fragment & 0x1fff) * 8, more, at + header);
    }
    return transport(protocol, at + header);
  }

  /** RFC 8200. A payload length of 0 is that of a jumbogram or of a packet that TSO will cut. */
  private boolean ipv6(int at) {
    if (!has(at, 40)) {
      return false;
    }
    int length = u16(bytes, at + 4);
    if (at + 40L + length > trueEnd) {
      return no(PacketCounter.MALFORMED_PACKETS);
    }
    endAt(length == 0 ? trueEnd : at + 40L + length);
    packet.v6 = true;
    packet.sourceHigh = i64(bytes, at + 8);
    packet.sourceLow = i64(bytes, at + 16);
    packet.targetHigh = i64(bytes, at + 24);
    packet.targetLow = i64(bytes, at + 32);
    return extension(u8(bytes, at + 6), at + 40);
  }

  private boolean extension(int header, int at) {
    int next = header;
    int from = at;
    while (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION || next == AUTHENTICATION) {
      if (!deeper() || !has(from, 8)) {
        return false;
      }
      int length = u8(bytes, from + 1);
      int size = next == AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8;
      if (!has(from, size)) {
        return false;
      }
      next = u8(bytes, from);
      from += size;
    }
    if (next == FRAGMENT) {
      if (!has(from, 8)) {
        return false;
      }
      int place = u16(bytes, from + 2);
      int inner = u8(bytes, from);
      return (place & ~6) == 0
          ? deeper() && extension(inner, from + 8) // an atomic fragment, RFC 6946
          : fragment(i32(bytes, from + 4), inner, place & ~7, (place & 1) != 0, from + 8);
    }
    return transport(next, from);
  }

  /** What follows is padding, or belongs to an outer packet. */
  private void endAt(long ipEnd) {
    trueEnd = ipEnd;
    end = (int) Math.min(end, ipEnd);
  }

  private boolean fragment(int id, int protocol, int place, boolean more, int at) {
    counters.add(PacketCounter.FRAGMENTS, 1);
    if (end < trueEnd) {
      return no(PacketCounter.CUT_HEADERS); // cannot be put together
    }
    byte[] whole =
        fragments.add(packet, id, protocol, place, more, bytes, at, Math.max(0, end - at));
    if (whole == null) {
      return false;
    }
    bytes = whole;
    end = whole.length;
    trueEnd = end;
    return packet.v6 ? extension(protocol, 0) : transport(protocol, 0);
  }

  private boolean transport(int protocol, int at) {
    return switch (protocol) {
      case Packet.TCP -> tcp(at);
      case Packet.UDP -> udp(at);
      case IPV4_IN_IP, IPV6_IN_IP -> ip(at);
      case GRE -> deeper() && gre(at);
      default -> no(PacketCounter.OTHER_TRANSPORT);
    };
  }

  /** RFC 9293. */
  private boolean tcp(int at) {
    if (!has(at, 20)) {
      return false;
    }
    int header = (u8(bytes, at + 12) >> 4) * 4;
    if (header < 20) {
      return no(PacketCounter.MALFORMED_PACKETS);
    }
    if (at + (long) header > trueEnd) {
      return no(PacketCounter.MALFORMED_PACKETS);
    }
    packet.protocol = Packet.TCP;
    packet.sourcePort = u16(bytes, at);
    packet.targetPort = u16(bytes, at + 2);
    packet.sequence = i32(bytes, at + 4);
    packet.acknowledged = i32(bytes, at + 8);
    packet.flags = u8(bytes, at + 13);
    payload(at + header);
    return true;
  }

  /** RFC 768. */
  private boolean udp(int at) {
    if (!has(at, 8)) {
      return false;
    }
    int length = u16(bytes, at + 4);
    if (length != 0) { // 0: longer than the field can say
      if (length < 8 || at + length > trueEnd) {
        return no(PacketCounter.MALFORMED_PACKETS);
      }
      endAt(at + (long) length);
    }
    packet.sourcePort = u16(bytes, at);
    packet.targetPort = u16(bytes, at + 2);
    if (packet.targetPort == VXLAN_PORT || packet.targetPort == VXLAN_PORT_OF_LINUX) {
      // flags: I set, all others reserved; RFC 7348, section 5
      if (end - at >= 8 + VXLAN_HEADER && (i32(bytes, at + 8) & 0xff000000) == 0x08000000) {
        return deeper() && ethernet(at + 8 + VXLAN_HEADER);
      }
    }
    packet.protocol = Packet.UDP;
    packet.sequence = 0;
    packet.acknowledged = 0;
    packet.flags = 0;
    payload(at + 8);
    return true;
  }

  private void payload(int at) {
    packet.length = (int) (trueEnd - at);
    packet.captured = Math.max(0, Math.min(end - at, packet.length));
    packet.bytes = bytes;
    packet.offset = Math.min(at, end);
  }

  /** RFC 2784 and RFC 2890. */
  private boolean gre(int at) {
    if (!has(at, 4)) {
      return false;
    }
    int flags = u16(bytes, at);
    if ((flags & 0x4007) != 0) {
      return no(PacketCounter.OTHER_TRANSPORT); // routing, or version 1 (PPTP)
    }
    int header = 4 + Integer.bitCount(flags & 0xb000) * 4;
    if (!has(at, header)) {
      return false;
    }
    int type = u16(bytes, at + 2);
    return type == ETHERNET_IN_GRE ? ethernet(at + header) : etherType(type, at + header);
  }
}
