package io.kymo.captures;

import io.kymo.collector.driver.pcap.CaptureReader;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;
import io.kymo.processor.reassembly.Accounting;
import java.io.PrintStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What became of everything, for people and for tests. */
final class Summary {
  private static final Set<PacketCounter> ALWAYS =
      EnumSet.of(PacketCounter.PACKETS, PacketCounter.SEGMENTS, PacketCounter.FLOWS);

  private final PacketCounters packets = new PacketCounters();
  private final Map<String, Long> rows = new TreeMap<>();
  private final long fileBytes;
  private final long passedOver;
  private final long cut;
  private long captured;
  private long decoded;
  private long skipped;
  private long gaps;
  private long truncated;
  private long opaque;
  private long pending;
  private long faults;

  Summary(CaptureReader reader, List<Decoder> decoders) {
    fileBytes = reader.bytes();
    passedOver = reader.passedOverBytes();
    cut = reader.cut();
    packets.addAll(reader.counters());
    for (Decoder decoder : decoders) {
      packets.addAll(decoder.counters());
      Accounting bytes = decoder.conversations().reassembly().accounting();
      captured += bytes.captured();
      decoded += bytes.decoded();
      skipped += bytes.skipped();
      gaps += bytes.gaps();
      truncated += bytes.truncated();
      opaque += bytes.opaque();
      pending += bytes.pending();
      faults += decoder.conversations().faults();
      faults += decoder.conversations().reassembly().counters().parserFaults;
      decoder.conversations().rows().forEach((p, n) -> rows.merge(p, n[0], Long::sum));
    }
  }

  /** Rows of all protocols. */
  long rows() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }

  void print(PrintStream out) {
    out.printf(Locale.ROOT, "file       bytes=%d passed_over=%d%n", fileBytes, passedOver);
    StringBuilder line = new StringBuilder("packets   ");
    for (PacketCounter counter : PacketCounter.values()) {
      if (packets.get(counter) != 0 || ALWAYS.contains(counter)) {
        line.append(' ').append(counter.id()).append('=').append(packets.get(counter));
      }
    }
    out.println(line);
    out.printf(
        Locale.ROOT,
        "bytes      captured=%d = decoded=%d + skipped=%d + gaps=%d + truncated=%d + opaque=%d%s%n",
        captured,
        decoded,
        skipped,
        gaps,
        truncated,
        opaque,
        pending == 0 ? "" : " + pending=" + pending);
    line = new StringBuilder("exchanges  all=").append(rows());
    for (Map.Entry<String, Long> e : rows.entrySet()) {
      line.append(' ').append(e.getKey()).append('=').append(e.getValue());
    }
    out.println(line);
    if (cut > 0) {
      out.println(
          "hint       "
              + cut
              + " packets were cut as they were recorded, to a snap length: tcpdump -s 0 (dumpcap -s 0) keeps them whole");
    }
    if (faults > 0) {
      out.println("bugs       " + faults + ": connections were given up by a fault of a parser");
    }
  }
}
