package io.kymo.captures;

import static io.kymo.captures.Packets.CLIENT;
import static io.kymo.captures.Packets.CLIENT_6;
import static io.kymo.captures.Packets.SERVER;
import static io.kymo.captures.Packets.SERVER_6;
import static io.kymo.captures.Packets.ethernet;
import static io.kymo.captures.Packets.fragment4;
import static io.kymo.captures.Packets.hex;
import static io.kymo.captures.Packets.ip4;
import static io.kymo.captures.Packets.ip6;
import static io.kymo.captures.Packets.join;
import static io.kymo.captures.Packets.tcp;
import static io.kymo.captures.Packets.text;
import static io.kymo.captures.Packets.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.packet.LinkType;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;
import io.kymo.collector.driver.pcap.packet.PacketDecoder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PacketDecoderTest {
  private static final byte[] HELLO = tcp(4000, 80, 7, 9, Packets.ACK, text("hello"));
  private static final byte[] IP = ip4(CLIENT, SERVER, 6, HELLO);
  private static final byte[] IP6 = ip6(CLIENT_6, SERVER_6, 6, HELLO);

  private final PacketCounters counters = new PacketCounters();
  private final PacketDecoder decoder = new PacketDecoder(counters);

  private Packet decode(int linkType, byte[] frame) {
    return decode(linkType, frame, frame.length);
  }

  private Packet decode(int linkType, byte[] bytes, int length) {
    Frame frame = new Frame();
    frame.bytes = join(new byte[3], bytes); // does not begin where the memory does
    frame.offset = 3;
    frame.captured = bytes.length;
    frame.length = length;
    frame.timeNs = 5;
    frame.linkType = linkType;
    return decoder.decode(frame);
  }

  private static String payload(Packet p) {
    return new String(p.bytes, p.offset, p.captured, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private void isHello(Packet p) {
    assertThat(p).isNotNull();
    assertThat(payload(p)).isEqualTo("hello");
    assertThat(p.length).isEqualTo(5);
    assertThat(p.protocol).isEqualTo(Packet.TCP);
    assertThat(p.sourcePort).isEqualTo(4000);
    assertThat(p.targetPort).isEqualTo(80);
    assertThat(p.sequence).isEqualTo(7);
    assertThat(p.acknowledged).isEqualTo(9);
    assertThat(p.flags).isEqualTo(Packets.ACK);
    if (p.v6) {
      assertThat(p.sourceHigh).isEqualTo(0xfdL << 56);
      assertThat(p.sourceLow).isEqualTo(1);
      assertThat(p.targetLow).isEqualTo(2);
    } else {
      assertThat(p.sourceLow).isEqualTo(Packet.V4_PREFIX | 0x0a000001L);
      assertThat(p.targetLow).isEqualTo(Packet.V4_PREFIX | 0x0a000002L);
    }
  }

  private void isCounted(Packet p, PacketCounter why) {
    assertThat(p).isNull();
    assertThat(counters.get(why)).isEqualTo(1);
  }

  @Test
  void ethernetCarriesBothVersionsOfIp() {
    isHello(decode(LinkType.ETHERNET, ethernet(0x0800, IP)));
    isHello(decode(LinkType.ETHERNET, ethernet(0x86dd, IP6)));
  }

  @Test
  void paddingOfShortFramesIsNoPayload() {
    isHello(decode(LinkType.ETHERNET, join(ethernet(0x0800, IP), new byte[10])));
    isHello(decode(LinkType.ETHERNET, join(ethernet(0x86dd, IP6), new byte[10])));
  }

  @Test
  void tags() {
    isHello(decode(LinkType.ETHERNET, ethernet(0x8100, join(hex("0005 0800"), IP))));
    byte[] twice = join(hex("0064 8100 0005 86dd"), IP6);
    isHello(decode(LinkType.ETHERNET, ethernet(0x88a8, twice)));
  }

  @Test
  void linuxCookedTellsWhichWay() {
    byte[] cooked = hex("0004 0001 0006 0200000000010000 0800");
    Packet out = decode(LinkType.COOKED, join(cooked, IP));
    isHello(out);
    assertThat(out.heading).isEqualTo(Frame.OUTBOUND);
    Packet in =
        decode(LinkType.COOKED_2, join(hex("86dd 0000 00000007 0001 00 06 0200000000010000"), IP6));
    isHello(in);
    assertThat(in.heading).isEqualTo(Frame.INBOUND);
    assertThat(in.seenOn).isEqualTo(7);
  }

  @Test
  void loopbackOfSeveralSystems() {
    isHello(decode(LinkType.NULL, join(hex("02000000"), IP)));
    isHello(decode(LinkType.NULL, join(hex("00000002"), IP)));
    isHello(decode(LinkType.NULL, join(hex("1e000000"), IP6)));
    isHello(decode(LinkType.LOOP, join(hex("0000001c"), IP6)));
    isCounted(decode(LinkType.NULL, join(hex("07000000"), IP)), PacketCounter.NOT_IP);
  }

  @Test
  void rawIp() {
    isHello(decode(LinkType.RAW, IP));
    isHello(decode(LinkType.RAW, IP6));
    isHello(decode(LinkType.IPV4, IP));
    isHello(decode(LinkType.IPV6, IP6));
    isHello(decode(LinkType.WITHOUT_LINK_LAYER | 0x0800, IP));
    isHello(decode(LinkType.WITHOUT_LINK_LAYER | 0x8100, join(hex("0005 0800"), IP)));
  }

  @Test
  void extensionHeaders() {
    byte[] hopByHop = hex("3c 00 0000 0000 0000"); // then destination options
    byte[] destination = hex("2b 01 0000 0000 0000 0000 0000 0000 0000"); // then routing
    byte[] routing = hex("33 00 0000 0000 0000"); // then authentication
    byte[] authentication = hex("06 01 0000 00000000 00000000"); // then TCP
    byte[] all = join(hopByHop, destination, routing, authentication, HELLO);
    isHello(decode(LinkType.RAW, ip6(CLIENT_6, SERVER_6, 0, all)));
    byte[] atomic = join(hex("06 00 0000 00000001"), HELLO);
    isHello(decode(LinkType.RAW, ip6(CLIENT_6, SERVER_6, 44, atomic)));
  }

  @Test
  void fragmentsInAnyOrderWithOverlap() {
    byte[] first = Arrays.copyOfRange(HELLO, 0, 16);
    byte[] again = Arrays.copyOfRange(HELLO, 8, 24);
    byte[] last = Arrays.copyOfRange(HELLO, 16, 25);
    assertThat(decode(LinkType.RAW, fragment4(CLIENT, SERVER, 6, 9, 16, false, last))).isNull();
    assertThat(decode(LinkType.RAW, fragment4(CLIENT, SERVER, 6, 8, 0, true, first))).isNull();
    assertThat(decode(LinkType.RAW, fragment4(CLIENT, SERVER, 6, 9, 8, true, again))).isNull();
    isHello(decode(LinkType.RAW, fragment4(CLIENT, SERVER, 6, 9, 0, true, first)));
    decoder.finish();
    assertThat(counters.get(PacketCounter.FRAGMENTS)).isEqualTo(4);
    assertThat(counters.get(PacketCounter.FRAGMENTS_LOST)).isEqualTo(1);
  }

  @Test
  void fragmentsOfVersion6() {
    byte[] first = join(hex("06 00 0001 0000002a"), Arrays.copyOfRange(HELLO, 0, 16));
    byte[] last = join(hex("06 00 0010 0000002a"), Arrays.copyOfRange(HELLO, 16, 25));
    assertThat(decode(LinkType.RAW, ip6(CLIENT_6, SERVER_6, 44, last))).isNull();
    isHello(decode(LinkType.RAW, ip6(CLIENT_6, SERVER_6, 44, first)));
  }

  @Test
  void tooManyFragmentsAreForgottenAndCounted() {
    for (int id = 0; id < 300; id++) {
      decode(LinkType.RAW, fragment4(CLIENT, SERVER, 17, id, 0, true, new byte[8]));
    }
    assertThat(counters.get(PacketCounter.FRAGMENTS_LOST)).isEqualTo(300 - 256);
  }

  @Test
  void tunnels() {
    byte[] other = {1, 1, 1, 1};
    byte[] gre = join(hex("3000 0800 00000001 00000002"), IP); // with key and sequence number
    isHello(decode(LinkType.RAW, ip4(other, other, 47, gre)));
    byte[] bridged = join(hex("0000 6558"), ethernet(0x86dd, IP6));
    isHello(decode(LinkType.RAW, ip4(other, other, 47, bridged)));
    byte[] vxlan = udp(33_333, 4789, join(hex("08000000 00002a00"), ethernet(0x0800, IP)));
    isHello(decode(LinkType.RAW, ip4(other, other, 17, vxlan)));
    isHello(decode(LinkType.RAW, ip4(other, other, 4, IP)));
    isHello(decode(LinkType.RAW, ip6(SERVER_6, CLIENT_6, 41, IP6)));
  }

  @Test
  void udpToThePortOfVxlanMayBeSomethingElse() {
    Packet p =
        decode(LinkType.RAW, ip4(CLIENT, SERVER, 17, udp(53, 4789, text("0123456789abcdef"))));
    assertThat(payload(p)).isEqualTo("0123456789abcdef");
  }

  @Test
  void udp6() {
    Packet p = decode(LinkType.RAW, ip6(CLIENT_6, SERVER_6, 17, udp(4000, 53, text("q"))));
    assertThat(p.protocol).isEqualTo(Packet.UDP);
    assertThat(payload(p)).isEqualTo("q");
  }

  @Test
  void whatTheSnapLengthCutIsTruncatedNotLost() {
    byte[] frame = ethernet(0x0800, IP);
    Packet p = decode(LinkType.ETHERNET, Arrays.copyOf(frame, frame.length - 3), frame.length);
    assertThat(payload(p)).isEqualTo("he");
    assertThat(p.length).isEqualTo(5);
    Packet none = decode(LinkType.ETHERNET, Arrays.copyOf(frame, frame.length - 5), frame.length);
    assertThat(none.captured).isZero();
    assertThat(none.length).isEqualTo(5);
    isCounted(
        decode(LinkType.ETHERNET, Arrays.copyOf(frame, 30), frame.length),
        PacketCounter.CUT_HEADERS);
  }

  @Test
  void aLengthOfZeroIsThatOfSegmentationOffload() {
    byte[] packet = IP.clone();
    packet[2] = 0;
    packet[3] = 0;
    isHello(decode(LinkType.RAW, packet));
  }

  @Test
  void lengthsThatContradictEachOther() {
    byte[] tooLong = IP.clone();
    tooLong[3]++;
    isCounted(decode(LinkType.RAW, tooLong), PacketCounter.MALFORMED_PACKETS);
  }

  @Test
  void whatIsNotForUsIsCounted() {
    isCounted(decode(LinkType.ETHERNET, ethernet(0x0806, new byte[28])), PacketCounter.NOT_IP);
    isCounted(
        decode(LinkType.RAW, ip4(CLIENT, SERVER, 1, new byte[8])), PacketCounter.OTHER_TRANSPORT);
    isCounted(decode(147, new byte[8]), PacketCounter.UNKNOWN_LINK);
    byte[] deep = IP;
    for (int i = 0; i < 20; i++) {
      deep = ip4(CLIENT, SERVER, 4, deep);
    }
    isCounted(decode(LinkType.RAW, deep), PacketCounter.TOO_DEEP);
  }
}
