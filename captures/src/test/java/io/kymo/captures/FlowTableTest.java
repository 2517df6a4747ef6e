package io.kymo.captures;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.flow.Flow;
import io.kymo.collector.driver.pcap.flow.FlowListener;
import io.kymo.collector.driver.pcap.flow.FlowTable;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowTableTest {
  private static final int CLIENT = 1;
  private static final int SERVER = 2;
  private static final int PORT = 40_000;
  private static final long SECOND = 1_000_000_000L;

  private final PacketCounters counters = new PacketCounters();
  private final Heard heard = new Heard();
  private FlowTable table = new FlowTable(heard, counters, 0, 100);
  private long now = 1_000 * SECOND;

  /** Writes down what it hears: {@code >} from the client, {@code <} from the server. */
  private static final class Heard implements FlowListener {
    final List<String> lines = new ArrayList<>();
    final List<Flow> flows = new ArrayList<>();

    private String way(Flow flow, int direction) {
      return (direction == Flow.INGRESS) == (flow.localPort() == 80) ? ">" : "<";
    }

    @Override
    public void began(Flow flow, long timeNs) {
      flows.add(flow);
      lines.add("began " + flow.role() + (flow.fromStart() ? "" : " midway"));
    }

    @Override
    public void data(
        Flow flow,
        int direction,
        long timeNs,
        long position,
        int length,
        byte[] bytes,
        int offset,
        int captured,
        boolean burst) {
      String text = new String(bytes, offset, captured, StandardCharsets.ISO_8859_1);
      String cut = captured < length ? "+" + (length - captured) : "";
      lines.add(way(flow, direction) + position + (burst ? "!" : "") + text + cut);
    }

    @Override
    public void passed(Flow flow, int direction, long timeNs, long position) {
      lines.add(way(flow, direction) + "passed " + position);
    }

    @Override
    public void datagram(
        Flow flow,
        int direction,
        long timeNs,
        long position,
        int length,
        byte[] bytes,
        int offset,
        int captured,
        boolean burst) {
      data(flow, direction, timeNs, position, length, bytes, offset, captured, burst);
    }

    @Override
    public void shutdown(Flow flow, int direction, long timeNs, long position) {
      lines.add(way(flow, direction) + "end " + position);
    }

    @Override
    public void ended(Flow flow, long timeNs, End end, int error, long ingress, long egress) {
      lines.add(end + (error == 0 ? "" : " " + error) + " " + ingress + " " + egress);
    }

    List<String> take() {
      List<String> taken = List.copyOf(lines);
      lines.clear();
      return taken;
    }
  }

  private Packet packet(int from, long sequence, long ack, int flags, String payload) {
    Packet p = new Packet();
    p.timeNs = now += 1_000_000;
    p.protocol = Packet.TCP;
    p.sourceLow = Packet.V4_PREFIX | from;
    p.targetLow = Packet.V4_PREFIX | (from == CLIENT ? SERVER : CLIENT);
    p.sourcePort = from == CLIENT ? PORT : 80;
    p.targetPort = from == CLIENT ? 80 : PORT;
    p.sequence = (int) sequence;
    p.acknowledged = (int) ack;
    p.flags = flags;
    p.bytes = Packets.text(payload);
    p.length = p.bytes.length;
    p.captured = p.length;
    return p;
  }

  private void client(long sequence, long ack, int flags, String payload) {
    table.packet(packet(CLIENT, sequence, ack, flags | Packet.ACK, payload));
  }

  private void server(long sequence, long ack, int flags, String payload) {
    table.packet(packet(SERVER, sequence, ack, flags | Packet.ACK, payload));
  }

  private void open() {
    open(99, 499);
  }

  private void open(long client, long server) {
    table.packet(packet(CLIENT, client, 0, Packet.SYN, ""));
    server(server, client + 1, Packet.SYN, "");
    client(client + 1, server + 1, 0, "");
    assertThat(heard.take()).containsExactly("began SERVER");
  }

  @Test
  void aWholeConnectionSeenAsFromItsServer() {
    open();
    assertThat(heard.flows.get(0).firstPosition(Flow.INGRESS)).isEqualTo(100);
    assertThat(heard.flows.get(0).firstPosition(Flow.EGRESS)).isEqualTo(500);
    client(100, 500, 0, "ask");
    server(500, 103, 0, "answer");
    client(103, 506, Packet.FIN, "");
    server(506, 104, Packet.FIN, "");
    client(104, 507, 0, "");
    assertThat(heard.take())
        .containsExactly(">100!ask", "<500!answer", ">end 103", "<end 506", "CLOSED 103 506");
  }

  @Test
  void whereTheCaptureTellsDirectionsItsHostIsTheLocalEnd() {
    Packet syn = packet(CLIENT, 99, 0, Packet.SYN, "");
    syn.heading = Frame.OUTBOUND;
    table.packet(syn);
    server(499, 100, Packet.SYN, "");
    assertThat(heard.take()).containsExactly("began CLIENT");
    assertThat(heard.flows.get(0).localPort()).isEqualTo(PORT);
  }

  @Test
  void outOfOrder() {
    open();
    client(103, 500, 0, "de");
    client(106, 500, 0, "g");
    assertThat(heard.take()).isEmpty();
    client(100, 500, 0, "abc");
    assertThat(heard.take()).containsExactly(">100!abc", ">103de");
    client(105, 500, 0, "f");
    assertThat(heard.take()).containsExactly(">105f", ">106g");
    assertThat(counters.get(PacketCounter.REORDERED_SEGMENTS)).isEqualTo(2);
  }

  @Test
  void retransmittedAndOverlapping() {
    open();
    client(100, 500, 0, "abc");
    client(100, 500, 0, "abc");
    client(102, 500, 0, "cde");
    client(99, 500, 0, "x"); // keeps the connection alive
    client(110, 500, 0, "klm");
    client(110, 500, 0, "klm");
    client(105, 500, 0, "fghijklmn");
    assertThat(heard.take()).containsExactly(">100!abc", ">103de", ">105fghijklmn");
    assertThat(counters.get(PacketCounter.DUPLICATE_BYTES)).isEqualTo(3 + 1 + 1 + 3 + 3);
  }

  @Test
  void bytesThatTheCaptureMissedAreGivenUpWhenTheReceiverHasThem() {
    open();
    client(105, 500, 0, "fg");
    assertThat(heard.take()).isEmpty();
    server(500, 107, 0, "answer");
    assertThat(heard.take()).containsExactly(">105!fg", "<500!answer");
    client(100, 506, 0, "abcde"); // another core's packets came late into the capture
    client(100, 506, 0, "ab");
    assertThat(heard.take()).containsExactly(">100abcde", ">100ab");
    client(107, 506, 0, "h");
    client(100, 506, 0, "a");
    assertThat(heard.take()).containsExactly(">107!h", ">100a");
    assertThat(counters.get(PacketCounter.LOST_HOLES)).isEqualTo(1);
  }

  @Test
  void bytesThatNobodyConfirmsAreWaitedForForAWhile() {
    open();
    client(105, 500, 0, "fg");
    now += 2 * SECOND;
    client(107, 500, 0, "h");
    assertThat(heard.take()).isEmpty();
    now += 2 * SECOND;
    client(108, 500, 0, "i");
    assertThat(heard.take()).containsExactly(">105!fg", ">107h", ">108i");
    assertThat(counters.get(PacketCounter.GIVEN_UP_HOLES)).isEqualTo(1);
  }

  @Test
  void memoryForWhatWaitsIsBounded() {
    open();
    String full = "x".repeat(60_000);
    for (int i = 0; i < 100; i++) {
      client(200 + i * 60_000L, 500, 0, full);
    }
    assertThat(heard.take()).isNotEmpty();
    assertThat(counters.get(PacketCounter.GIVEN_UP_HOLES)).isEqualTo(1);
  }

  @Test
  void aDamagedSequenceNumberIsNoGap() {
    open();
    client(100, 500, 0, "ab");
    client(0x9000_0000L, 0x7000_0000L, 0, "damaged");
    client(0x2000_0000L, 500, Packet.FIN, "");
    client(102, 500, 0, "cd");
    assertThat(heard.take()).containsExactly(">100!ab", ">102cd");
    assertThat(counters.get(PacketCounter.FOREIGN_SEGMENTS)).isEqualTo(2);
  }

  @Test
  void aLongHoleIsAGapWhenTheConnectionGoesOnBehindIt() {
    open();
    client(100, 500, 0, "ab");
    server(500, 9_000_102L, 0, "x");
    client(9_000_102L, 501, 0, "cd"); // some MB at once
    client(0xa000_0000L, 501, 0, "lost");
    client(0xa000_0004L, 501, 0, "ef");
    client(0xa000_0006L, 501, 0, "gh");
    now += SECOND;
    client(0xa000_0008L + (1 << 29), 501, 0, "ij"); // a second is enough for them
    server(501, 0xa000_000aL + (1 << 29), 0, "y");
    assertThat(heard.take())
        .containsExactly(
            ">100!ab",
            "<500!x",
            ">9000102!cd",
            ">2684354564ef",
            ">2684354566gh",
            ">3221225480ij",
            "<501!y");
    assertThat(counters.get(PacketCounter.FOREIGN_SEGMENTS)).isEqualTo(1);
  }

  @Test
  void sequenceNumbersThatWrap() {
    open(0xfffffffdL, 0xffffffffL);
    server(0, 0xfffffffeL, 0, "hi");
    client(2, 2, 0, "56");
    client(0xfffffffeL, 2, 0, "1234");
    client(4, 2, Packet.FIN, "");
    assertThat(heard.take()).containsExactly("<0!hi", ">4294967294!1234", ">256", ">end 4");
  }

  @Test
  void withoutItsBeginning() {
    server(1000, 2000, 0, "tail");
    client(2000, 1004, 0, "ask");
    assertThat(heard.take()).containsExactly("began UNKNOWN midway", "<1000!tail", ">2000!ask");
    assertThat(heard.flows.get(0).firstPosition(Flow.INGRESS)).isEqualTo(-1);
    assertThat(heard.flows.get(0).localPort()).isEqualTo(80);
  }

  @Test
  void onlyTheAnswerToTheHandshakeWasSeen() {
    server(499, 100, Packet.SYN, "");
    client(100, 500, 0, "ask");
    assertThat(heard.take()).containsExactly("began SERVER", ">100!ask");
  }

  @Test
  void acknowledgementsAloneMakeNoConnection() {
    client(100, 500, 0, "");
    client(100, 500, Packet.FIN, "");
    server(500, 100, Packet.RST, "");
    assertThat(table.size()).isZero();
  }

  @Test
  void acknowledgementsShowWhatTheOtherDirectionSaid() {
    table.packet(packet(CLIENT, 99, 0, Packet.SYN, ""));
    client(100, 500, 0, "");
    client(100, 500, 0, "ask");
    assertThat(heard.take()).containsExactly("began SERVER", ">100!ask");
    client(103, 540, 0, "");
    assertThat(heard.take()).isEmpty();
    client(103, 540, 0, "more");
    assertThat(heard.take()).containsExactly("<passed 500", "<passed 540", ">103!more");
    client(107, 590, 0, "");
    client(107, 590, Packet.FIN, "");
    client(108, 591, 0, ""); // the server's end
    client(108, 591, 0, "");
    table.finish();
    assertThat(heard.take()).containsExactly("<passed 590", ">end 107", "CLOSED 107 -1");
    assertThat(counters.get(PacketCounter.LOST_HOLES)).isEqualTo(2);
  }

  @Test
  void theLastAcknowledgementNeedsNoSecond() {
    open();
    client(100, 500, 0, "ask");
    client(103, 540, 0, "");
    table.finish();
    assertThat(heard.take()).containsExactly(">100!ask", "<passed 540", "CLOSED -1 -1");
  }

  @Test
  void bytesThatAcknowledgementsOvertookAreNotLost() {
    open();
    client(100, 506, 0, "ask");
    server(500, 103, 0, "answer");
    client(103, 512, 0, "");
    client(103, 512, 0, "");
    server(506, 103, 0, "second");
    client(103, 512, 0, "");
    client(103, 0x3000_0000L, 0, ""); // damaged
    client(103, 512, 0, "more");
    assertThat(heard.take())
        .containsExactly(">100!ask", "<500!answer", "<passed 512", "<506second", ">103!more");
  }

  @Test
  void truncatedIsNotLost() {
    open();
    Packet cut = packet(CLIENT, 100, 500, Packet.ACK, "abcdef");
    cut.captured = 2;
    table.packet(cut);
    Packet overlapping = packet(CLIENT, 104, 500, Packet.ACK, "efgh");
    overlapping.captured = 3;
    table.packet(overlapping);
    assertThat(heard.take()).containsExactly(">100!ab+4", ">106g+1");
  }

  @Test
  void refusedAndReset() {
    table.packet(packet(CLIENT, 99, 0, Packet.SYN, ""));
    server(0, 100, Packet.RST, "");
    assertThat(heard.take()).containsExactly("began SERVER", "REFUSED 111 -1 -1");
    now += SECOND;
    open();
    client(100, 500, 0, "ask");
    server(500, 103, Packet.RST, "");
    client(103, 500, 0, "more");
    assertThat(heard.take()).containsExactly(">100!ask", "RESET 104 -1 -1");
    assertThat(counters.get(PacketCounter.AFTER_END_BYTES)).isEqualTo(4);
  }

  @Test
  void aLostEndShowsInThePositions() {
    open();
    client(100, 500, 0, "abc");
    client(110, 500, Packet.FIN, ""); // 103 … 109 missing
    assertThat(heard.take()).containsExactly(">100!abc");
    server(500, 111, Packet.FIN, "");
    assertThat(heard.take()).containsExactly(">end 110", "<end 500", "CLOSED 110 500");
  }

  @Test
  void portsAreUsedAgain() {
    open();
    client(100, 500, 0, "one");
    table.packet(packet(CLIENT, 7_000, 0, Packet.SYN, ""));
    assertThat(heard.take()).containsExactly(">100!one", "CLOSED -1 -1");
    server(8_000, 7_001, Packet.SYN, "");
    table.packet(packet(CLIENT, 7_000, 0, Packet.SYN, "")); // sent again
    client(7_001, 8_001, 0, "two");
    assertThat(heard.take()).containsExactly("began SERVER", ">7001!two");
    assertThat(heard.flows.get(1).id()).isNotEqualTo(heard.flows.get(0).id());
  }

  @Test
  void idleAndTooManyFlowsEnd() {
    table = new FlowTable(heard, counters, 0, 2);
    client(100, 500, 0, "a");
    now += 700 * SECOND;
    for (int port = 1; port <= 3; port++) {
      Packet p = packet(CLIENT, 100, 500, Packet.ACK, "b");
      p.sourcePort = port;
      p.targetPort = 80;
      table.packet(p);
    }
    assertThat(heard.take()).contains("CLOSED -1 -1").filteredOn("CLOSED -1 -1"::equals).hasSize(2);
    assertThat(counters.get(PacketCounter.FLOWS_EVICTED)).isEqualTo(1);
    assertThat(table.size()).isEqualTo(2);
    table.finish();
    assertThat(table.size()).isZero();
  }

  @Test
  void aConnectionSeenOnTwoInterfacesCountsOnce() {
    open();
    for (int copy = 0; copy < 2; copy++) {
      client(100, 500, 0, "ask");
    }
    for (int copy = 0; copy < 2; copy++) {
      server(500, 103, Packet.FIN, "answer");
    }
    client(103, 507, Packet.FIN, "");
    assertThat(heard.take())
        .containsExactly(">100!ask", "<500!answer", "<end 506", ">end 103", "CLOSED 103 506");
    // by a clock that lags it begins only now
    table.packet(packet(CLIENT, 99, 0, Packet.SYN, ""));
    server(499, 100, Packet.SYN, "");
    client(100, 500, 0, "ask");
    server(500, 103, Packet.FIN, "answer");
    client(103, 507, Packet.FIN, "");
    assertThat(heard.take()).isEmpty();
    assertThat(counters.get(PacketCounter.DUPLICATE_BYTES)).isEqualTo(2 * (3 + 6));
    assertThat(counters.get(PacketCounter.AFTER_END_BYTES)).isZero();
    open(199, 599); // the ports are used again
  }

  @Test
  void theSameDatagramComingAndLeavingCountsOnce() {
    for (int heading : new int[] {Frame.INBOUND, Frame.OUTBOUND}) {
      Packet p = packet(CLIENT, 0, 0, 0, "query");
      p.protocol = Packet.UDP;
      p.heading = heading;
      table.packet(p);
    }
    assertThat(heard.take()).containsExactly("began UNKNOWN", ">0!query");
    assertThat(counters.get(PacketCounter.DUPLICATE_DATAGRAMS)).isEqualTo(1);
  }

  @Test
  void theSameDatagramOnTwoInterfacesCountsOnce() {
    for (int seenOn = 0; seenOn < 2; seenOn++) {
      Packet p = packet(CLIENT, 0, 0, 0, "query");
      p.protocol = Packet.UDP;
      p.seenOn = seenOn;
      table.packet(p);
    }
    Packet answer = packet(SERVER, 0, 0, 0, "answer");
    answer.protocol = Packet.UDP;
    answer.seenOn = 1;
    table.packet(answer);
    table.finish();
    assertThat(heard.take())
        .containsExactly("began UNKNOWN", ">0!query", "<0!answer", "CLOSED 5 6");
    assertThat(counters.get(PacketCounter.DUPLICATE_DATAGRAMS)).isEqualTo(1);
  }
}
