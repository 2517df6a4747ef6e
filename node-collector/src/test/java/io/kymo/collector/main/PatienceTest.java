package io.kymo.collector.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.connection.ConnectionTable;
import io.kymo.collector.connection.ConnectionTracker;
import io.kymo.collector.connection.SocketFinder;
import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.process.ProcessReader;
import io.kymo.collector.process.ProcessTable;
import io.kymo.collector.process.Trees;
import io.kymo.collector.publish.Batcher;
import io.kymo.collector.publish.ClockOffset;
import io.kymo.collector.publish.FakeLink;
import io.kymo.collector.publish.Origin;
import io.kymo.collector.publish.Publisher;
import io.kymo.schemas.Transport;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A source that can wait loses nothing, however small the queue and however long Kafka is away. */
@Timeout(60)
class PatienceTest {
  private static final int TCP = Transport.TCP.wireId();
  private static final int QUEUE_BYTES = 64 << 10;
  private static final int BATCH_BYTES = 8 << 10;
  private static final int EVENTS = 2_000;
  private static final int LENGTH = 1_000;

  private final FakeDriver driver = new FakeDriver();
  private final Counters counters = new Counters();
  private final FakeLink link = new FakeLink();
  private final Publisher publisher = link.publisher(counters, QUEUE_BYTES);

  @Test
  void aFileManyTimesTheQueueIsPublishedWhole() throws InterruptedException {
    driver.canWait = true;
    publisher.patient(true);
    for (int i = 0; i < EVENTS; i++) {
      int position = i / 100 * LENGTH;
      driver.data(1 + i % 100, TCP, DataEvent.EGRESS, position, LENGTH, "x".repeat(LENGTH));
    }
    link.away(true);
    publisher.start();
    Thread capture = new Thread(loop());
    capture.start();
    while (!publisher.halfFull() || link.opened() < 3) {
      Thread.onSpinWait();
    }
    assertThat(driver.finished()).isFalse();
    link.away(false);
    capture.join();
    publisher.close(Duration.ofSeconds(30));

    assertThat(counters.get(CollectorCounter.RECEIVED_SEGMENTS)).isEqualTo(EVENTS);
    assertThat(counters.get(CollectorCounter.PUBLISHED_SEGMENTS)).isEqualTo(EVENTS);
    assertThat(counters.get(CollectorCounter.PUBLISHED_BYTES)).isEqualTo((long) EVENTS * LENGTH);
    assertThat(counters.get(CollectorCounter.LOST_QUEUE_BATCHES)).isZero();
    assertThat(counters.get(CollectorCounter.LOST_STOP_BATCHES)).isZero();
  }

  /** Takes more in one cycle than the whole queue can hold. */
  private CaptureLoop loop() {
    ProcessTable processes = new ProcessTable(new ProcessReader(Trees.proc()), counters, 64);
    ConnectionTracker connections =
        new ConnectionTracker(new ConnectionTable(1024), processes, counters, SocketFinder.none());
    Batcher batcher =
        new Batcher(
            new Origin("node", "boot", 1, driver.name()),
            publisher,
            counters,
            ClockOffset.none(),
            BATCH_BYTES,
            Long.MAX_VALUE,
            Long.MAX_VALUE);
    return new CaptureLoop(
        driver,
        new CaptureHandler(connections, processes, batcher, counters, driver::reason, null, true),
        publisher::halfFull,
        connections,
        batcher,
        counters,
        ClockOffset.none(),
        System::nanoTime,
        workCount -> Thread.onSpinWait(),
        500,
        Long.MAX_VALUE);
  }
}
