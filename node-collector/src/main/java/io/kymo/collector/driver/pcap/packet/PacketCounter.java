package io.kymo.collector.driver.pcap.packet;

/** What became of packets that make no segment, and of bytes that came more than once. */
public enum PacketCounter {
  PACKETS("packets", "Packets read or received."),
  PACKET_BYTES("bytes", "Their length on the wire."),
  SEGMENTS("packets", "TCP segments and UDP datagrams decoded from them."),
  PAYLOAD_BYTES("bytes", "Length of their payload on the wire."),
  NOT_IP("packets", "Packets of other protocols than IP, such as ARP."),
  OTHER_TRANSPORT("packets", "IP packets that are neither TCP nor UDP, such as ICMP."),
  UNKNOWN_LINK("packets", "Packets of a link layer that is not known."),
  CUT_HEADERS("packets", "Packets that the capture cut within their headers."),
  MALFORMED_PACKETS("packets", "Packets whose lengths contradict each other."),
  TOO_DEEP("packets", "Packets with more tags and tunnels than are looked into."),
  OUT_OF_SCOPE("packets", "Packets that the scope leaves out."),
  FRAGMENTS("packets", "IP fragments."),
  FRAGMENTS_LOST("packets", "Of these, those whose other fragments never came."),
  DUPLICATE_BYTES("bytes", "TCP bytes that came again."),
  DUPLICATE_DATAGRAMS("datagrams", "Datagrams seen again on another interface of the capture."),
  REORDERED_SEGMENTS("segments", "TCP segments that came before earlier ones."),
  LOST_HOLES(
      "holes", "Places where the receiver confirmed TCP bytes that the capture does not have."),
  GIVEN_UP_HOLES("holes", "Places whose bytes were waited for in vain."),
  AFTER_END_BYTES("bytes", "TCP bytes of connections that had ended."),
  FOREIGN_SEGMENTS(
      "segments", "TCP segments too far from all others of their connection to belong to it."),
  FLOWS("connections", "Connections and datagram conversations seen."),
  FLOWS_EVICTED("connections", "Of these, forgotten because too many were open."),
  DROPPED_BY_CAPTURE("packets", "Packets lost before they came into the file or the ring.");

  private final String unit;
  private final String meaning;

  PacketCounter(String unit, String meaning) {
    this.unit = unit;
    this.meaning = meaning;
  }

  /** Stable name, lower case with underscores. */
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  public String unit() {
    return unit;
  }

  public String meaning() {
    return meaning;
  }
}
