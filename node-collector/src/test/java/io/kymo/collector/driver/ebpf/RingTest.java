package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.DataEvent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The reader against a ring that a test writes, as the kernel does. */
class RingTest {
  private static final int CAPACITY = 4096;
  private static final int START = 64;
  private final ByteBuffer consumer = Bytes.direct(8);
  private final ByteBuffer producer = Bytes.direct(START + CAPACITY);
  private final Ring ring = new Ring(List.of(), consumer, producer, START, CAPACITY);
  private final Bytes handler = new Bytes();
  private long written;

  /** Returns where the record begins, -1 when there is no room. */
  private long write(ByteBuffer event, int flags) {
    int length = event.capacity();
    long size = (8L + length + 7) & ~7L;
    if (written + size - consumer.getLong(0) > CAPACITY) {
      return -1;
    }
    long at = written;
    putInt(at, length | flags);
    for (int i = 0; i < length; i++) {
      producer.put(START + (int) ((at + 8 + i) % CAPACITY), event.get(i));
    }
    written += size;
    producer.putLong(0, written);
    return at;
  }

  private void putInt(long at, int value) {
    producer.putInt(START + (int) (at % CAPACITY), value);
  }

  @Test
  void everyEventComesWholeAndInOrderOverManyTurns() {
    Random random = new Random(3);
    ArrayDeque<Integer> lengths = new ArrayDeque<>();
    long next = 1;
    long expected = 1;
    for (int round = 0; round < 5_000; round++) {
      int length = random.nextInt(1500);
      if (write(Bytes.data(next, length), 0) >= 0) {
        lengths.add(length);
        next++;
      } else {
        assertThat(ring.poll(handler, 1 + random.nextInt(3))).isPositive();
      }
      for (int i = 0; i < handler.sockets.size(); i++) {
        assertThat(handler.sockets.get(i)).isEqualTo(expected);
        assertThat(handler.payloads.get(i)).isEqualTo(Bytes.payload(expected, lengths.remove()));
        expected++;
      }
      handler.sockets.clear();
      handler.payloads.clear();
    }
    assertThat(expected).isGreaterThan(1000);
    assertThat(handler.malformed).isZero();
  }

  @Test
  void waitsForRecordsThatAreBeingWrittenAndPassesOverThoseGivenUp() {
    write(Bytes.data(1, 10), 1 << 30);
    long busy = write(Bytes.data(2, 10), 1 << 31);
    write(Bytes.data(3, 10), 0);

    assertThat(ring.poll(handler, 10)).isZero();
    putInt(busy, DataEvent.PAYLOAD_OFFSET + 10);
    assertThat(ring.backlog()).isPositive();
    assertThat(ring.poll(handler, 10)).isEqualTo(2);

    assertThat(handler.sockets).containsExactly(2L, 3L);
    assertThat(ring.backlog()).isZero();
  }

  @Test
  void aHandlerThatThrowsDoesNotSeeTheEventAgain() {
    write(Bytes.data(1, 10), 0);
    write(Bytes.data(2, 10), 0);
    Bytes throwing = null;
    try {
      ring.poll(throwing, 10);
    } catch (NullPointerException e) {
      assertThat(ring.poll(handler, 10)).isEqualTo(1);
    }
    assertThat(handler.sockets).containsExactly(2L);
  }

  @Test
  void aRecordLongerThanWhatWasWrittenEndsThere() {
    long at = write(Bytes.data(1, 10), 0);
    putInt(at, 1 << 20);

    assertThat(ring.poll(handler, 10)).isEqualTo(1);
    write(Bytes.data(2, 10), 0);
    assertThat(ring.poll(handler, 10)).isEqualTo(1);

    assertThat(handler.malformed).isEqualTo(1);
    assertThat(handler.sockets).containsExactly(2L);
  }
}
