package io.kymo.collector.main;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.kymo.collector.connection.ConnectionTable;
import io.kymo.collector.connection.ConnectionTracker;
import io.kymo.collector.connection.SocketFinder;
import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.process.ProcessReader;
import io.kymo.collector.process.ProcessTable;
import io.kymo.collector.process.Trees;
import io.kymo.collector.publish.Batcher;
import io.kymo.collector.publish.Batches;
import io.kymo.collector.publish.ClockOffset;
import io.kymo.collector.publish.Origin;
import io.kymo.schemas.ConnectionEvent;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import io.kymo.schemas.Segment;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.TcpReport;
import io.kymo.schemas.TcpReportKind;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From a driver's events to decoded batches, on a fake clock. */
class CaptureTest {
  private static final int TCP = Transport.TCP.wireId();
  private static final int UDP = Transport.UDP.wireId();
  private static final int UNIX = Transport.UNIX_STREAM.wireId();
  private static final int CLIENT = Role.CLIENT.wireId();
  private static final int SERVER = Role.SERVER.wireId();
  private static final int CLOSED = ConnectionEventKind.CLOSED.wireId();
  private static final int RETRANSMIT = TcpReportKind.RETRANSMIT.wireId();
  private static final long SECOND = 1_000_000_000L;
  private static final long UDP_IDLE = 60 * SECOND;

  private final FakeDriver driver = new FakeDriver();
  private final Counters counters = new Counters();
  private final Batches sink = new Batches(1);
  private final List<Runnable> proc = new ArrayList<>();
  private final SocketFinder finder =
      new SocketFinder(Trees.proc(), Scope.ALL, 4_000_000, proc::add);
  private boolean crowded;
  private final CaptureLoop loop = loop(64);

  @Test
  void tcpPositionsPassThrough() {
    driver.socket(77, TCP).role(CLIENT).local("10.0.0.1", 40_001).remote("10.0.0.9", 80).tell();
    driver.life(77, TCP, ConnectionEventKind.OPENED.wireId(), 0, 4_294_967_290L, 17);
    driver.data(77, TCP, DataEvent.EGRESS, 17, 5, "hello");
    driver.data(77, TCP, DataEvent.INGRESS, 4_294_967_290L, 100, "wrapped");
    driver.life(77, TCP, CLOSED, 0, 94, 22);
    SegmentBatch batch = cycle();

    ConnectionFacts facts = batch.getConnections().get(0);
    assertThat(batch.getConnections()).hasSize(1);
    assertThat(facts.getId()).isEqualTo(77);
    assertThat(facts.getRole()).isEqualTo(CLIENT);
    assertThat(facts.getLocalAddress()).isEqualTo(ByteBuffer.wrap(new byte[] {10, 0, 0, 1}));
    assertThat(facts.getLocalPort()).isEqualTo(40_001);
    assertThat(facts.getRemotePort()).isEqualTo(80);
    assertThat(facts.getNetworkNamespace()).isEqualTo(4_026_532_001L);
    assertThat(facts.getPid()).isEqualTo(100);
    assertThat(facts.getComm()).isEqualTo("nginx"); // of the checked-in tree
    assertThat(facts.getContainerId()).startsWith("3f1c");
    assertThat(facts.getOpenedNs()).isEqualTo(SECOND);

    Segment sent = batch.getSegments().get(0);
    assertThat(sent.getPosition()).isEqualTo(17);
    assertThat(sent.getDirection()).isEqualTo(DataEvent.EGRESS);
    assertThat(text(sent)).isEqualTo("hello");
    Segment received = batch.getSegments().get(1);
    assertThat(received.getPosition()).isEqualTo(4_294_967_290L);
    assertThat(received.getLength()).isEqualTo(100);
    assertThat(text(received)).isEqualTo("wrapped");
    assertThat(received.getTimeNs()).isEqualTo(SECOND);

    assertThat(batch.getEvents())
        .extracting(ConnectionEvent::getAfter)
        .containsExactly(0, 2); // opened before, closed behind the data
    assertThat(batch.getEvents().get(1).getIngressPosition()).isEqualTo(94);
    assertThat(batch.getEvents().get(1).getEgressPosition()).isEqualTo(22);
  }

  @Test
  void theBooksBalance() {
    driver.socket(77, TCP).role(CLIENT).local("10.0.0.1", 40_001).remote("10.0.0.9", 80).tell();
    driver.data(77, TCP, DataEvent.EGRESS, 0, 5, "hello");
    driver.data(78, TCP, DataEvent.EGRESS, 0, 1_000_000, "");
    driver.datagram(79, DataEvent.EGRESS, "10.0.0.53", 53, "query", false);
    loop.drain();
    long segments = sink.take().stream().mapToLong(batch -> batch.getSegments().size()).sum();

    assertThat(driver.stopped).isTrue();
    assertThat(segments).isEqualTo(3);
    assertThat(counters.get(CollectorCounter.RECEIVED_EVENTS)).isEqualTo(4);
    assertThat(counters.get(CollectorCounter.RECEIVED_SEGMENTS)).isEqualTo(3);
    assertThat(counters.get(CollectorCounter.RECEIVED_PAYLOAD_BYTES)).isEqualTo(10);
    assertThat(counters.get(CollectorCounter.RECEIVED_BYTES))
        .isEqualTo(1_000_010)
        .isEqualTo(counters.get(KernelCounter.SEEN_BYTES));
  }

  @Test
  void dataWithoutFactsIsKeptAndItsFactsAreLookedUp() {
    driver.data(5002, TCP, DataEvent.INGRESS, 1, 3, "GET");
    ConnectionFacts before = cycle().getConnections().get(0);
    assertThat(before.getLocalAddress().remaining()).isZero();
    assertThat(before.getPid()).isEqualTo(100);
    assertThat(counters.get(CollectorCounter.CONNECTIONS_WITHOUT_FACTS)).isEqualTo(1);

    lookAtProc();
    driver.data(5002, TCP, DataEvent.INGRESS, 4, 1, " ");
    ConnectionFacts after = cycle().getConnections().get(0);
    assertThat(after.getLocalPort()).isEqualTo(80);
    assertThat(after.getRemotePort()).isEqualTo(40_001);
    assertThat(after.getRole()).isEqualTo(SERVER); // port 80 is listened on
    assertThat(after.getOpenedNs()).isZero();
  }

  @Test
  void procIsNotReadAgainAndAgain() {
    for (int i = 0; i < 50; i++) {
      driver.data(900 + i, TCP, DataEvent.INGRESS, 1, 3, "GET");
      cycle();
      proc.forEach(Runnable::run);
    }
    assertThat(proc).hasSize(1);

    pass(5 * SECOND);
    cycle();
    assertThat(proc).hasSize(2);
  }

  @Test
  void connectionsThatWereOpenBeforeArePickedUpWithTheirRole() {
    finder.look();
    lookAtProc();
    driver.data(5003, TCP, DataEvent.EGRESS, 1, 3, "GET");
    driver.data(5002, TCP, DataEvent.INGRESS, 1, 3, "GET");
    driver.data(7002, UNIX, DataEvent.INGRESS, 0, 1, "Q");
    driver.socket(7005, UNIX).unix("/run/postgresql/.s.PGSQL.5432", 7002).preexisting().tell();
    driver.data(7005, UNIX, DataEvent.EGRESS, 0, 1, "Q");
    SegmentBatch batch = cycle();

    assertThat(batch.getConnections())
        .extracting(ConnectionFacts::getRole)
        .containsExactly(Role.UNKNOWN.wireId(), SERVER, SERVER, CLIENT);
    assertThat(batch.getConnections().get(2).getPath()).isEqualTo("/run/postgresql/.s.PGSQL.5432");
    assertThat(batch.getConnections().get(0).getPid()).isEqualTo(101);
    assertThat(counters.get(CollectorCounter.CONNECTIONS_PICKED_UP)).isEqualTo(8);
    assertThat(counters.get(CollectorCounter.CONNECTIONS_WITHOUT_FACTS)).isZero();
  }

  @Test
  void whatClosedWhileProcWasReadDoesNotComeBack() {
    driver.socket(5002, TCP).role(SERVER).local("10.0.0.2", 80).remote("10.0.0.7", 40_001).tell();
    cycle();
    finder.look();
    driver.life(5002, TCP, CLOSED, 0, 1, 1);
    cycle();
    lookAtProc();

    driver.data(5002, TCP, DataEvent.INGRESS, 1, 3, "GET");
    assertThat(cycle().getConnections().get(0).getLocalAddress().remaining()).isZero();
  }

  @Test
  void whatTheKernelTellsOfAnOpenSocketWinsOverProc() {
    driver.socket(5002, TCP).local("10.0.0.3", 80).remote("10.0.0.7", 40_001).preexisting().tell();
    finder.look();
    lookAtProc();
    driver.data(5002, TCP, DataEvent.INGRESS, 1, 3, "GET");
    ConnectionFacts facts = cycle().getConnections().get(0);

    assertThat(facts.getLocalAddress()).isEqualTo(ByteBuffer.wrap(new byte[] {10, 0, 0, 3}));
    assertThat(facts.getRole()).isEqualTo(SERVER);
    assertThat(facts.getOpenedNs()).isZero();
  }

  @Test
  void everyPeerOfADatagramSocketIsAConversation() {
    driver.socket(9, UDP).local("10.0.0.53", 53).remote("0.0.0.0", 0).tell();
    driver.datagram(9, DataEvent.INGRESS, "10.0.0.1", 4000, "ask1", false);
    driver.datagram(9, DataEvent.INGRESS, "10.0.0.2", 4000, "ask2", false);
    driver.datagram(9, DataEvent.EGRESS, "10.0.0.1", 4000, "answer", false);
    driver.datagram(9, DataEvent.EGRESS, "10.0.0.1", 4000, "rest", true);
    SegmentBatch batch = cycle();

    assertThat(batch.getConnections()).hasSize(2);
    assertThat(batch.getConnections()).extracting(ConnectionFacts::getId).doesNotHaveDuplicates();
    assertThat(batch.getConnections()).allSatisfy(f -> assertThat(f.getId()).isNegative());
    assertThat(batch.getConnections()).allSatisfy(f -> assertThat(f.getLocalPort()).isEqualTo(53));
    assertThat(batch.getConnections().get(1).getRemoteAddress())
        .isEqualTo(ByteBuffer.wrap(new byte[] {10, 0, 0, 2}));
    assertThat(batch.getSegments()).extracting(Segment::getConnection).containsExactly(0, 1, 0, 0);
    assertThat(batch.getSegments())
        .extracting(Segment::getPosition)
        .containsExactly(0L, 0L, 0L, 6L);
    assertThat(batch.getSegments()).extracting(Segment::getFlags).containsExactly(0, 0, 0, 2);
    assertThat(batch.getEvents())
        .extracting(ConnectionEvent::getKind)
        .containsOnly(ConnectionEventKind.OPENED.wireId());
  }

  @Test
  void aDatagramWhosePeerNobodyAskedForBelongsToTheOneSpokenWithLast() {
    driver.socket(9, UDP).local("0.0.0.0", 4000).remote("0.0.0.0", 0).tell();
    driver.datagram(9, DataEvent.EGRESS, "10.0.0.1", 53, "one", false);
    driver.datagram(9, DataEvent.EGRESS, "10.0.0.2", 53, "two", false);
    driver.datagram(9, DataEvent.EGRESS, "10.0.0.1", 53, "three", false);
    driver.datagram(9, DataEvent.INGRESS, "", 0, "answer", false);
    SegmentBatch batch = cycle();

    assertThat(batch.getSegments()).extracting(Segment::getConnection).containsExactly(0, 1, 0, 0);
  }

  @Test
  void idleConversationsEndAndTheSocketLivesOn() {
    driver.socket(9, UDP).local("10.0.0.53", 53).remote("0.0.0.0", 0).tell();
    driver.datagram(9, DataEvent.INGRESS, "10.0.0.1", 4000, "ask", false);
    cycle();
    pass(UDP_IDLE / 2);
    driver.datagram(9, DataEvent.INGRESS, "10.0.0.2", 4000, "ask", false);
    cycle();
    pass(UDP_IDLE / 2 + SECOND);
    SegmentBatch batch = cycle();

    assertThat(batch.getEvents()).hasSize(1);
    assertThat(batch.getEvents().get(0).getKind()).isEqualTo(CLOSED);
    assertThat(batch.getEvents().get(0).getIngressPosition()).isEqualTo(3);
    assertThat(batch.getConnections().get(0).getRemoteAddress())
        .isEqualTo(ByteBuffer.wrap(new byte[] {10, 0, 0, 1}));
    assertThat(counters.get(CollectorCounter.CONNECTIONS_EXPIRED)).isEqualTo(1);

    driver.life(9, UDP, CLOSED, 0, -1, -1);
    assertThat(cycle().getEvents()).hasSize(1); // of the conversation that is left
    assertThat(counters.get(CollectorCounter.CONNECTIONS_CLOSED)).isEqualTo(1);
  }

  @Test
  void aConnectionThatOnlyAnEndedProcessHeldIsClosed() {
    driver.socket(4711, TCP).role(CLIENT).local("10.0.0.1", 1).remote("10.0.0.9", 80).tell();
    driver.socket(5002, TCP).role(SERVER).local("10.0.0.2", 80).remote("10.0.0.7", 2).tell();
    driver.process(ProcessEvent.EXIT, 100, 1, "nginx");
    cycle();
    pass(2 * SECOND);
    assertThat(cycle().getEvents()).isEmpty();
    proc.forEach(Runnable::run); // 5002 is held by a process of the tree, 4711 is not
    pass(SECOND);
    SegmentBatch batch = cycle();

    assertThat(batch.getEvents()).hasSize(1);
    assertThat(batch.getEvents().get(0).getKind()).isEqualTo(CLOSED);
    assertThat(batch.getEvents().get(0).getIngressPosition()).isEqualTo(-1);
    assertThat(batch.getConnections().get(0).getId()).isEqualTo(4711);
    assertThat(counters.get(CollectorCounter.CONNECTIONS_CLOSED_UNSEEN)).isEqualTo(1);
  }

  @Test
  void anotherProcessTakesOver() {
    driver.socket(77, TCP).role(SERVER).local("10.0.0.1", 5432).remote("10.0.0.9", 2).tell();
    driver.data(77, TCP, DataEvent.INGRESS, 0, 1, "Q");
    driver.socket(77, TCP).local("10.0.0.1", 5432).remote("10.0.0.9", 2).owner(300).tell();
    driver.data(77, TCP, DataEvent.EGRESS, 0, 1, "R");
    SegmentBatch batch = cycle();

    assertThat(batch.getConnections())
        .extracting(ConnectionFacts::getPid)
        .containsExactly(100, 300);
    assertThat(batch.getConnections().get(1).getRole()).isEqualTo(SERVER);
    assertThat(batch.getSegments()).extracting(Segment::getConnection).containsExactly(0, 1);
  }

  @Test
  void unixSocketsTellTheirPeer() {
    driver.socket(500, UNIX).role(CLIENT).unix("/run/redis.sock", 0).tell();
    driver.data(500, UNIX, DataEvent.EGRESS, 0, 4, "PING");
    driver.socket(500, UNIX).unix("/run/redis.sock", 501).tell();
    driver.data(500, UNIX, DataEvent.INGRESS, 0, 5, "+PONG");
    SegmentBatch batch = cycle();

    assertThat(batch.getConnections())
        .extracting(ConnectionFacts::getPeerId)
        .containsExactly(0L, 501L);
    assertThat(batch.getConnections().get(1).getPath()).isEqualTo("/run/redis.sock");
    assertThat(batch.getConnections().get(1).getRole()).isEqualTo(CLIENT);
  }

  @Test
  void theTableIsBoundedAndForgettingIsCounted() {
    CaptureLoop small = loop(16);
    for (int i = 1; i <= 100; i++) {
      driver.socket(i, TCP).role(CLIENT).local("10.0.0.1", i).remote("10.0.0.9", 80).tell();
      driver.socket(1000 + i, UDP).local("10.0.0.1", i).remote("0.0.0.0", 0).tell();
      driver.datagram(1000 + i, DataEvent.EGRESS, "10.0.0.53", 53, "q", false);
      driver.datagram(1000 + i, DataEvent.EGRESS, "10.0.0.54", 53, "q", false);
    }
    small.drain();

    assertThat(
            counters.get(CollectorCounter.CONNECTIONS_SEEN)
                - counters.get(CollectorCounter.CONNECTIONS_EVICTED))
        .isLessThanOrEqualTo(16);
    assertThat(counters.get(CollectorCounter.RECEIVED_SEGMENTS)).isEqualTo(200);
    assertThat(counters.get(CollectorCounter.HANDLER_ERRORS)).isZero();
    assertThat(sink.take().stream().mapToInt(batch -> batch.getSegments().size()).sum())
        .isEqualTo(200);
  }

  @Test
  void whatIsNoEventStopsNothing() {
    driver.broken();
    driver.data(77, TCP, DataEvent.EGRESS, 0, 5, "hello");

    assertThat(cycle().getSegments()).hasSize(1);
    assertThat(counters.get(CollectorCounter.MALFORMED_EVENTS)).isEqualTo(1);
    assertThat(counters.get(CollectorCounter.HANDLER_ERRORS)).isZero();
    assertThat(loop.problem()).isNull();
  }

  @Test
  void whileKafkaIsBusyEventsWaitAsLongAsHalfOfTheRingIsFree() {
    driver.data(77, TCP, DataEvent.EGRESS, 0, 5, "hello");
    crowded = true;
    driver.backlog = FakeDriver.CAPACITY / 2 - 1;
    assertThat(cycle().getSegments()).isEmpty();

    driver.backlog = FakeDriver.CAPACITY / 2;
    assertThat(cycle().getSegments()).hasSize(1);

    driver.data(77, TCP, DataEvent.EGRESS, 5, 5, "again");
    driver.backlog = 10;
    loop.stop();
    loop.drain();
    assertThat(sink.take().stream().mapToInt(batch -> batch.getSegments().size()).sum())
        .isEqualTo(1);
  }

  @Test
  void aDriverThatCanWaitIsNotPolledWhileItIsCrowded() {
    driver.canWait = true;
    driver.data(77, TCP, DataEvent.EGRESS, 0, 5, "hello");
    crowded = true;
    driver.backlog = FakeDriver.CAPACITY;
    assertThat(cycle().getSegments()).isEmpty();

    crowded = false;
    assertThat(cycle().getSegments()).hasSize(1);
  }

  @Test
  void whatTcpToldOfAConnectUnderWayComesWithItsFacts() {
    driver.tcp(77, RETRANSMIT, 1, 0);
    driver.tcp(78, RETRANSMIT, 1, 0);
    assertThat(cycle().getTcp()).isEmpty();

    driver.socket(77, TCP).role(CLIENT).local("10.0.0.1", 40_001).remote("10.0.0.9", 80).tell();
    driver.life(77, TCP, ConnectionEventKind.CONNECT_FAILED.wireId(), 110, -1, -1);
    SegmentBatch batch = cycle();
    assertThat(batch.getConnections()).extracting(ConnectionFacts::getId).containsExactly(77L);
    assertThat(batch.getTcp())
        .extracting(TcpReport::getConnection, TcpReport::getKind, TcpReport::getRetransmits)
        .containsExactly(tuple(0, RETRANSMIT, 1L));

    pass(181 * SECOND);
    cycle();
    assertThat(counters.get(CollectorCounter.TCP_REPORTS)).isEqualTo(2);
    assertThat(counters.get(CollectorCounter.LOST_TCP_REPORTS)).isEqualTo(1);
  }

  @Test
  void aClosedConnectionIsKnownUntilTcpHasEnded() {
    driver.socket(77, TCP).role(CLIENT).local("10.0.0.1", 40_001).remote("10.0.0.9", 80).tell();
    driver.leave(77);
    driver.tcp(77, TcpReportKind.RESET_SENT.wireId(), 0, 8);
    SegmentBatch closed = cycle();
    assertThat(closed.getEvents().get(0).getFlags()).isEqualTo(1);
    assertThat(closed.getTcp().get(0).getReason()).isEqualTo("REASON_8");
    assertThat(closed.getTcp().get(0).getSrttUs()).isEqualTo(1_500);

    driver.tcp(77, TcpReportKind.ENDED.wireId(), 2, 0);
    assertThat(cycle().getTcp()).hasSize(1);
    driver.tcp(77, RETRANSMIT, 3, 0);
    assertThat(cycle().getTcp()).isEmpty();
  }

  @Test
  void tcpThatDoesNotEndIsNotWaitedForForEver() {
    driver.socket(77, TCP).role(CLIENT).local("10.0.0.1", 40_001).remote("10.0.0.9", 80).tell();
    driver.leave(77);
    cycle();
    pass(61 * SECOND);
    cycle();
    driver.tcp(77, RETRANSMIT, 3, 0);
    assertThat(cycle().getTcp()).isEmpty();
    assertThat(driver.samples).isPositive();
  }

  private CaptureLoop loop(int capacity) {
    ProcessTable processes = new ProcessTable(new ProcessReader(Trees.proc()), counters, 64);
    ConnectionTracker connections =
        new ConnectionTracker(new ConnectionTable(capacity), processes, counters, finder);
    ClockOffset offset = new ClockOffset(Clock.systemUTC(), () -> driver.nowNanos);
    Batcher batcher =
        new Batcher(
            new Origin("node", "boot", 1, driver.name()),
            sink,
            counters,
            offset,
            1 << 20,
            0,
            Long.MAX_VALUE);
    return new CaptureLoop(
        driver,
        new CaptureHandler(connections, processes, batcher, counters, driver::reason, null, false),
        () -> crowded,
        connections,
        batcher,
        counters,
        offset,
        () -> driver.nowNanos,
        workCount -> {},
        1000,
        UDP_IDLE);
  }

  /** One duty cycle; its batch, empty when there was none. */
  private SegmentBatch cycle() {
    loop.cycle();
    List<SegmentBatch> batches = sink.take();
    assertThat(batches).hasSizeLessThanOrEqualTo(1);
    return batches.isEmpty()
        ? SegmentBatch.newBuilder()
            .setNode("")
            .setBootId("")
            .setCollectorStart(0)
            .setDriver("")
            .setSequence(0)
            .setClockOffsetNs(0)
            .setCounters(java.util.Map.of())
            .setConnections(List.of())
            .setSegments(List.of())
            .setEvents(List.of())
            .build()
        : batches.get(0);
  }

  private void pass(long nanos) {
    driver.nowNanos += nanos;
  }

  private void lookAtProc() {
    proc.forEach(Runnable::run);
    proc.clear();
  }

  private static String text(Segment segment) {
    return StandardCharsets.UTF_8.decode(segment.getPayload().duplicate()).toString();
  }
}
