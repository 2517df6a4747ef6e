package io.kymo.collector.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.connection.Connection;
import io.kymo.collector.connection.ConnectionTable;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.schemas.ClientEndpoint;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.Role;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatcherTest {
  private static final int CLOSED = ConnectionEventKind.CLOSED.wireId();
  private static final long LINGER = 20;
  private static final long STATS = 1000;
  private static final Origin ORIGIN = new Origin("node-1", "boot", 7, "fake");

  private final Batches sink = new Batches(4);
  private final Counters counters = new Counters();
  private final ClockOffset clock =
      new ClockOffset(Clock.fixed(Instant.ofEpochSecond(9), ZoneOffset.UTC), () -> 0);
  private final Batcher batcher = new Batcher(ORIGIN, sink, counters, clock, 600, LINGER, STATS);
  private final ConnectionTable table = new ConnectionTable(1000);

  @Test
  void headerSaysWhoSpeaksAndWhatWasCounted() {
    counters.add(CollectorCounter.RECEIVED_BYTES, 500);
    KernelCounters kernel = new KernelCounters(1);
    kernel.set(0, KernelCounter.LOST_RING_BYTES, 12);
    counters.kernel(kernel);
    Connection connection = connection(1, 40_001);
    batcher.event(connection, 5, CLOSED, 104, -1, 99, 0);
    batcher.flushDue(LINGER);

    SegmentBatch batch = sink.take().get(0);
    assertThat(batch.getNode()).isEqualTo("node-1");
    assertThat(batch.getBootId()).isEqualTo("boot");
    assertThat(batch.getCollectorStart()).isEqualTo(7);
    assertThat(batch.getDriver()).isEqualTo("fake");
    assertThat(batch.getSequence()).isZero();
    assertThat(batch.getClockOffsetNs()).isEqualTo(9_000_000_000L);
    assertThat(batch.getCounters())
        .containsOnly(
            java.util.Map.entry("received_bytes", 500L),
            java.util.Map.entry("kernel_lost_ring_bytes", 12L));
    assertThat(batch.getConnections()).containsExactly(connection.facts());
    assertThat(batch.getEvents().get(0).getError()).isEqualTo(104);
    assertThat(batch.getEvents().get(0).getIngressPosition()).isEqualTo(-1);
    assertThat(batch.getEvents().get(0).getEgressPosition()).isEqualTo(99);
  }

  @Test
  void factsStandOnceABatchUnlessTheyChange() {
    Connection connection = connection(1, 40_001);
    batcher.event(connection, 1, CLOSED, 0, 0, 0, 0);
    batcher.event(connection, 2, CLOSED, 0, 0, 0, 0);
    connection.facts().setComm("later");
    connection.changed();
    batcher.event(connection, 3, CLOSED, 0, 0, 0, 0);
    batcher.flushDue(LINGER);
    batcher.event(connection, 4, CLOSED, 0, 0, 0, LINGER);
    batcher.flushDue(2 * LINGER);

    List<SegmentBatch> batches = sink.take();
    assertThat(batches.get(0).getConnections()).hasSize(2);
    assertThat(batches.get(0).getConnections().get(1).getComm()).isEqualTo("later");
    assertThat(batches.get(0).getEvents())
        .extracting(event -> event.getConnection())
        .containsExactly(0, 0, 1);
    assertThat(batches.get(1).getConnections()).hasSize(1);
    assertThat(batches.get(1).getEvents().get(0).getConnection()).isZero();
  }

  @Test
  void eachPartitionHasItsOwnSequence() {
    Connection one = connection(1, port(0, 4));
    Connection two = connection(2, port(3, 4));
    for (int round = 0; round < 3; round++) {
      batcher.event(one, round, CLOSED, 0, 0, 0, round * 100L);
      if (round > 0) {
        batcher.event(two, round, CLOSED, 0, 0, 0, round * 100L);
      }
      batcher.flushDue(round * 100L + LINGER);
    }

    assertThat(sink.raw()).extracting(Batch::partition).containsExactly(0, 0, 3, 0, 3);
    assertThat(sink.take())
        .extracting(SegmentBatch::getSequence)
        .containsExactly(0L, 1L, 0L, 2L, 1L);
  }

  @Test
  void aLargeBatchDoesNotWait() {
    Connection connection = connection(1, 40_001);
    for (int i = 0; i < 40; i++) {
      batcher.event(connection, i, CLOSED, 0, Long.MAX_VALUE, Long.MAX_VALUE, 0);
    }

    assertThat(sink.raw()).hasSize(1);
    assertThat(sink.raw().get(0).value().length).isBetween(600, 800);
  }

  @Test
  void aBatchLingersFromItsFirstItem() {
    batcher.flushDue(0);
    batcher.event(connection(1, 40_001), 1, CLOSED, 0, 0, 0, 100);

    assertThat(batcher.flushDue(100 + LINGER - 1)).isZero();
    assertThat(batcher.flushDue(100 + LINGER)).isEqualTo(1);
  }

  @Test
  void countersComeEvenWhenNothingHappens() {
    assertThat(batcher.flushDue(0)).isZero();
    assertThat(batcher.flushDue(STATS - 1)).isZero();
    assertThat(batcher.flushDue(STATS)).isEqualTo(4);

    assertThat(sink.raw()).extracting(Batch::partition).containsExactly(0, 1, 2, 3);
    assertThat(sink.take()).allSatisfy(batch -> assertThat(batch.getSegments()).isEmpty());
  }

  @Test
  void anotherNumberOfPartitionsIsAdoptedWithoutLoss() {
    Connection connection = connection(1, port(3, 4));
    batcher.event(connection, 1, CLOSED, 0, 0, 0, 0);
    sink.partitions(8);
    batcher.flushDue(1);
    batcher.event(connection, 2, CLOSED, 0, 0, 0, 1);
    batcher.flushDue(1 + LINGER);

    assertThat(sink.raw())
        .extracting(Batch::partition)
        .containsExactly(3, partition(connection, 8));
    List<SegmentBatch> batches = sink.take();
    assertThat(batches.get(1).getConnections()).hasSize(1);
    assertThat(batches).allSatisfy(batch -> assertThat(batch.getEvents()).hasSize(1));
  }

  @Test
  void theLastFlushHandsOnEverything() {
    batcher.event(connection(1, 40_001), 1, CLOSED, 0, 0, 0, 0);
    batcher.flushAll(0);

    assertThat(sink.take()).hasSize(4);
  }

  private Connection connection(long id, int localPort) {
    Connection connection = table.create(id, Transport.TCP.wireId(), false, 0);
    connection.facts().setRole(Role.CLIENT.wireId());
    connection.facts().setLocalAddress(ByteBuffer.wrap(new byte[] {10, 0, 0, 1}));
    connection.facts().setLocalPort(localPort);
    return connection;
  }

  /** A client's port that leads to the given partition. */
  private static int port(int wanted, int partitions) {
    ByteBuffer address = ByteBuffer.wrap(new byte[] {10, 0, 0, 1});
    for (int port = 40_000; ; port++) {
      long endpoint = ClientEndpoint.ofAddress(address, port, ORIGIN.bootId());
      if (ClientEndpoint.partition(endpoint, partitions) == wanted) {
        return port;
      }
    }
  }

  private static int partition(Connection connection, int partitions) {
    return ClientEndpoint.partition(
        ClientEndpoint.of(connection.facts(), ORIGIN.bootId()), partitions);
  }
}
