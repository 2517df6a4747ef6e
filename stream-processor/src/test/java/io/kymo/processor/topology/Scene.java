package io.kymo.processor.topology;

import io.kymo.schemas.ConnectionEvent;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import io.kymo.schemas.Segment;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.TcpReport;
import io.kymo.schemas.TcpReportKind;
import io.kymo.schemas.Transport;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Batches as a collector would send them, by hand: one node, its clock, its sequence. Kernel time
 * is what the test says, in ms.
 */
public final class Scene {
  public static final long OFFSET_NS = 1_700_000_000_000_000_000L;

  private final String node;
  private final Map<Long, ConnectionFacts> known = new HashMap<>();
  private final Map<Long, Integer> lastDirection = new HashMap<>();
  private long collectorStart = 1_000;
  private long sequence;
  private List<ConnectionFacts> facts = new ArrayList<>();
  private List<Segment> segments = new ArrayList<>();
  private List<ConnectionEvent> events = new ArrayList<>();
  private List<TcpReport> tcp = new ArrayList<>();
  private Map<String, Long> counters = Map.of();

  public Scene(String node) {
    this.node = node;
  }

  public static ConnectionFacts.Builder tcp(
      long id, Role role, String local, int localPort, String remote, int remotePort) {
    return ConnectionFacts.newBuilder()
        .setId(id)
        .setTransport(Transport.TCP.wireId())
        .setRole(role.wireId())
        .setLocalAddress(ip(local))
        .setLocalPort(localPort)
        .setRemoteAddress(ip(remote))
        .setRemotePort(remotePort)
        .setPath("")
        .setPeerId(0)
        .setNetworkNamespace(1)
        .setPid(100)
        .setProcessStartNs(0)
        .setComm("comm")
        .setExecutable("/usr/bin/" + (role == Role.SERVER ? "nginx" : "curl"))
        .setCgroup("")
        .setContainerId("")
        .setOpenedNs(1);
  }

  public static ConnectionFacts.Builder unix(long id, Role role, long peer, String path) {
    return tcp(id, role, "", 0, "", 0)
        .setTransport(Transport.UNIX_STREAM.wireId())
        .setPeerId(peer)
        .setPath(path);
  }

  static ByteBuffer ip(String dotted) {
    if (dotted.isEmpty()) {
      return ByteBuffer.allocate(0);
    }
    // four numbers: no name is looked up
    try {
      return ByteBuffer.wrap(InetAddress.getByName(dotted).getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(dotted, e);
    }
  }

  public Scene connection(ConnectionFacts.Builder builder) {
    ConnectionFacts made = builder.build();
    known.put(made.getId(), made);
    return this;
  }

  private int index(long id) {
    for (int i = 0; i < facts.size(); i++) {
      if (facts.get(i).getId() == id) {
        return i;
      }
    }
    facts.add(known.get(id));
    return facts.size() - 1;
  }

  public Scene event(long id, long ms, ConnectionEventKind kind, long ingress, long egress) {
    return event(id, ms, kind, ingress, egress, 0, 0);
  }

  /**
   * @param flags 1: TCP goes on
   */
  Scene event(
      long id, long ms, ConnectionEventKind kind, long ingress, long egress, int error, int flags) {
    events.add(
        ConnectionEvent.newBuilder()
            .setConnection(index(id))
            .setAfter(segments.size())
            .setTimeNs(ms * 1_000_000)
            .setKind(kind.wireId())
            .setError(error)
            .setFlags(flags)
            .setIngressPosition(ingress)
            .setEgressPosition(egress)
            .build());
    return this;
  }

  public Scene read(long id, long ms, long position, String text) {
    return segment(id, 0, ms, position, text);
  }

  public Scene written(long id, long ms, long position, String text) {
    return segment(id, 1, ms, position, text);
  }

  private Scene segment(long id, int direction, long ms, long position, String text) {
    return segment(index(id), direction, ms, position, text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Scene segment(int index, int direction, long ms, long position, byte[] bytes) {
    Long connection = index < facts.size() ? facts.get(index).getId() : -1;
    boolean burst = !Integer.valueOf(direction).equals(lastDirection.put(connection, direction));
    segments.add(
        Segment.newBuilder()
            .setConnection(index)
            .setDirection(direction)
            .setTimeNs(ms * 1_000_000)
            .setPosition(position)
            .setLength(bytes.length)
            .setPayload(ByteBuffer.wrap(bytes))
            .setTid(1)
            .setSource(1)
            .setFlags(burst ? 1 : 0)
            .build());
    return this;
  }

  /** As many segments were sent, and of these as many again. */
  Scene tcp(long id, long ms, TcpReportKind kind, long segments, long retransmits) {
    tcp.add(
        TcpReport.newBuilder()
            .setConnection(index(id))
            .setTimeNs(ms * 1_000_000)
            .setKind(kind.wireId())
            .setState(1)
            .setError(0)
            .setReason(kind == TcpReportKind.DROP ? "QDISC_DROP" : "")
            .setSrttUs(segments == 0 ? 0 : 2_000)
            .setRttVarianceUs(300)
            .setRttMinUs(1_000)
            .setRetransmits(retransmits)
            .setBytesRetransmitted(retransmits * 1_000)
            .setBytesAcked(10)
            .setBytesReceived(20)
            .setBytesSent(30)
            .setSegmentsOut(segments)
            .setSegmentsIn(segments)
            .setLost(0)
            .setOutOfOrder(0)
            .setReordered(0)
            .setSendWindow(1)
            .setReceiveWindow(1)
            .setCongestionWindow(10)
            .setReceiverLimitedUs(7)
            .build());
    return this;
  }

  public Scene counters(Map<String, Long> now) {
    counters = now;
    return this;
  }

  /** This many batches are lost on the way. */
  public Scene lose(int batches) {
    sequence += batches;
    return this;
  }

  /** A new life of the collector on the same boot. */
  public Scene restart() {
    collectorStart++;
    lastDirection.clear();
    sequence = 0;
    return this;
  }

  public SegmentBatch batch() {
    SegmentBatch batch =
        SegmentBatch.newBuilder()
            .setNode(node)
            .setBootId("boot-of-" + node)
            .setCollectorStart(collectorStart)
            .setDriver("ebpf")
            .setSequence(sequence++)
            .setClockOffsetNs(OFFSET_NS)
            .setCounters(counters)
            .setConnections(facts)
            .setSegments(segments)
            .setEvents(events)
            .setTcp(tcp)
            .build();
    facts = new ArrayList<>();
    segments = new ArrayList<>();
    events = new ArrayList<>();
    tcp = new ArrayList<>();
    return batch;
  }
}
