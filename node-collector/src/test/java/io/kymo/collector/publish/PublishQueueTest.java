package io.kymo.collector.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PublishQueueTest {
  private static final int CAPACITY = 1000;
  private final PublishQueue queue = new PublishQueue(CAPACITY);

  @Test
  void valuesOfAnyLengthComeBackInOrderAcrossTheEndOfTheMemory() throws InterruptedException {
    Random random = new Random(7);
    ArrayDeque<byte[]> expected = new ArrayDeque<>();
    int waiting = 0;
    for (int i = 0; i < 10_000; i++) {
      byte[] value = new byte[1 + random.nextInt(400)];
      random.nextBytes(value);
      boolean fits = waiting + value.length <= CAPACITY;
      assertThat(queue.offer(new Batch(i, value.clone(), value.length, 1, 1))).isEqualTo(fits);
      if (fits) {
        expected.add(value);
        waiting += value.length;
      }
      assertThat(queue.bytes()).isEqualTo(waiting);
      assertThat(queue.crowded()).isEqualTo(waiting > CAPACITY / 2);
      if (!fits || random.nextInt(3) == 0) {
        byte[] oldest = expected.remove();
        assertThat(queue.peek(0).length()).isEqualTo(oldest.length);
        assertThat(queue.value()).isEqualTo(oldest);
        queue.remove();
        waiting -= oldest.length;
      }
      assertThat(queue.isEmpty()).isEqualTo(expected.isEmpty());
    }
  }

  @Test
  void onlyTheValueOfALongerArrayIsTaken() throws InterruptedException {
    queue.offer(new Batch(3, new byte[] {1, 2, 3, 9, 9}, 3, 7, 70));

    assertThat(queue.peek(0)).isEqualTo(new PublishQueue.Entry(3, 3, 7, 70));
    assertThat(queue.value()).containsExactly(1, 2, 3);
  }

  @Test
  void nothingComesOfAnEmptyQueue() throws InterruptedException {
    assertThat(queue.peek(1)).isNull();
    assertThat(queue.offer(new Batch(0, new byte[CAPACITY + 1], CAPACITY + 1, 1, 1))).isFalse();
  }
}
