package io.kymo.collector.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.io.IOException;
import java.lang.Thread.State;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Outages. Waits for conditions of the publishing thread; no test judges by the clock. */
@Timeout(60)
class PublisherTest {
  private static final int QUEUE_BYTES = 1000;

  private final FakeLink link = new FakeLink();
  private final Counters counters = new Counters();
  private final Publisher publisher =
      new Publisher(link, counters, 4, QUEUE_BYTES, 1, Long.MAX_VALUE >> 32);

  @AfterEach
  void close() {
    publisher.close(Duration.ofMillis(50));
  }

  @Test
  void sendsInOrderInTheWireFormat() {
    publisher.start();
    for (int i = 0; i < 5; i++) {
      publisher.offer(batch(2, i));
    }
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 5);

    assertThat(link.sent()).extracting(value -> (int) value[5]).containsExactly(0, 1, 2, 3, 4);
    assertThat(link.sent().get(0)).startsWith(0, 1, 2, 3, 4);
    assertThat(link.partitionsSent()).containsOnly(2);
    assertThat(counters.get(CollectorCounter.PUBLISHED_SEGMENTS)).isEqualTo(15);
    assertThat(counters.get(CollectorCounter.PUBLISHED_BYTES)).isEqualTo(350);
    assertThat(counters.get(CollectorCounter.PUBLISHED_VALUE_BYTES)).isEqualTo(500);
    assertThat(publisher.problem()).isNull();
    assertThat(publisher.pendingBatches()).isZero();
  }

  @Test
  void awayFromTheStartItWaitsThenDropsThenRecovers() {
    link.away(true);
    publisher.start();
    for (int i = 0; i < 25; i++) {
      publisher.offer(batch(0, i));
    }
    await(() -> link.opened() > 3);

    assertThat(publisher.problem()).isEqualTo("nobody at home");
    assertThat(publisher.queuedBytes()).isEqualTo(QUEUE_BYTES);
    assertThat(counters.get(CollectorCounter.LOST_QUEUE_BATCHES)).isEqualTo(15);
    assertThat(counters.get(CollectorCounter.LOST_QUEUE_SEGMENTS)).isEqualTo(45);
    assertThat(counters.get(CollectorCounter.LOST_QUEUE_BYTES)).isEqualTo(15 * 70);
    assertThat(counters.get(CollectorCounter.PUBLISH_RETRIES)).isPositive();

    link.away(false);
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 10);

    assertThat(link.sent()).extracting(value -> (int) value[5]).startsWith(0, 1, 2).endsWith(9);
    assertThat(publisher.problem()).isNull();
    publisher.offer(batch(0, 99));
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 11);
  }

  @Test
  void aBrokenLinkIsOpenedAnewAndNothingIsLost() {
    publisher.start();
    publisher.offer(batch(0, 0));
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 1);
    link.away(true);
    publisher.offer(batch(0, 1));
    await(() -> publisher.problem() != null);
    link.away(false);
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 2);

    assertThat(link.sent()).extracting(value -> (int) value[5]).containsExactly(0, 1);
    assertThat(link.opened()).isGreaterThan(1);
  }

  @Test
  void withoutRoomABatchStaysAndIsSentOnce() {
    link.room(false);
    publisher.start();
    for (int i = 0; i < 12; i++) {
      publisher.offer(batch(0, i));
    }
    assertThat(counters.get(CollectorCounter.LOST_QUEUE_BATCHES)).isEqualTo(2);

    link.room(true);
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 10);
    assertThat(link.sent()).hasSize(10);
  }

  @Test
  void thePatientLoseNothingButWhatIsLargerThanTheQueue() {
    link.away(true);
    publisher.patient(true);
    publisher.start();
    Thread source =
        new Thread(() -> IntStream.range(0, 100).forEach(i -> publisher.offer(batch(0, i))));
    source.start();
    await(() -> publisher.queuedBytes() == QUEUE_BYTES && source.getState() == State.WAITING);
    assertThat(publisher.halfFull()).isTrue();
    assertThat(publisher.crowded()).isFalse(); // it is away

    link.away(false);
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 100);
    publisher.offer(new Batch(0, new byte[QUEUE_BYTES + 1], QUEUE_BYTES + 1, 1, 1));
    assertThat(counters.get(CollectorCounter.LOST_QUEUE_BATCHES)).isEqualTo(1);
    assertThat(link.sent()).hasSize(100);
  }

  @Test
  void whoeverIsPatientCanBeHurried() throws InterruptedException {
    publisher.patient(true); // and never started
    Thread source =
        new Thread(() -> IntStream.range(0, 12).forEach(i -> publisher.offer(batch(0, i))));
    source.start();
    await(() -> source.getState() == State.WAITING);
    publisher.patient(false);
    source.join();
    assertThat(counters.get(CollectorCounter.LOST_QUEUE_BATCHES)).isEqualTo(2);
  }

  @Test
  void refusedBatchesAreCountedAndTold() {
    link.refuse(new IOException("not authorised"));
    publisher.start();
    publisher.offer(batch(0, 0));
    await(() -> counters.get(CollectorCounter.LOST_KAFKA_BATCHES) == 1);

    assertThat(counters.get(CollectorCounter.LOST_KAFKA_SEGMENTS)).isEqualTo(3);
    assertThat(counters.get(CollectorCounter.LOST_KAFKA_BYTES)).isEqualTo(70);
    assertThat(publisher.problem()).contains("not authorised");

    link.refuse(null);
    publisher.offer(batch(0, 1));
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 1);
    assertThat(publisher.problem()).isNull();
  }

  @Test
  void silenceOfKafkaIsAProblem() {
    Publisher impatient = new Publisher(link, counters, 4, QUEUE_BYTES, 1, 0);
    link.acknowledges(false);
    impatient.start();
    impatient.offer(batch(0, 0));
    await(() -> link.sent().size() == 1);

    await(() -> impatient.problem() != null);
    assertThat(impatient.problem()).contains("no batch acknowledged");
    impatient.close(Duration.ZERO);
  }

  @Test
  void adoptsKafkasNumberOfPartitions() {
    link.partitions(2);
    assertThat(publisher.partitions()).isEqualTo(4);
    publisher.offer(batch(3, 0));
    publisher.start();
    await(() -> counters.get(CollectorCounter.PUBLISHED_BATCHES) == 1);

    assertThat(publisher.partitions()).isEqualTo(2);
    assertThat(link.partitionsSent()).containsExactly(1);
  }

  @Test
  void whatCannotBeDeliveredAtTheEndIsCounted() {
    link.acknowledges(false);
    publisher.start();
    publisher.offer(batch(0, 0));
    await(() -> link.sent().size() == 1);
    link.room(false);
    publisher.offer(batch(0, 1));

    publisher.close(Duration.ofMillis(20));

    assertThat(counters.get(CollectorCounter.LOST_STOP_BATCHES)).isEqualTo(2);
    assertThat(counters.get(CollectorCounter.LOST_STOP_SEGMENTS)).isEqualTo(6);
    assertThat(counters.get(CollectorCounter.LOST_STOP_BYTES)).isEqualTo(140);
    assertThat(publisher.pendingBatches()).isZero();
  }

  @Test
  void whatWaitsWhenACallHangsAtTheEndIsCountedToo() {
    link.hang();
    publisher.start();
    publisher.offer(batch(0, 0));
    await(() -> link.opened() == 1);

    publisher.close(Duration.ZERO);

    assertThat(counters.get(CollectorCounter.LOST_STOP_BATCHES)).isEqualTo(1);
    assertThat(publisher.pendingBatches()).isZero();
  }

  @Test
  void closeDeliversWhatWasOffered() {
    publisher.start();
    for (int i = 0; i < 10; i++) {
      publisher.offer(batch(0, i));
    }
    publisher.close(Duration.ofSeconds(30));

    assertThat(counters.get(CollectorCounter.PUBLISHED_BATCHES)).isEqualTo(10);
  }

  /** 100 bytes of value that stand for 3 segments with 70 bytes; byte 5 is a mark. */
  private static Batch batch(int partition, int mark) {
    byte[] value = new byte[100];
    value[5] = (byte) mark;
    return new Batch(partition, value, value.length, 3, 70);
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }
}
