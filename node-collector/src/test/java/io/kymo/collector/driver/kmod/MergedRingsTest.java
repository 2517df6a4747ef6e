package io.kymo.collector.driver.kmod;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MergedRingsTest {
  private static final long HELD = MergedRings.HOLD_NANOS;
  private long now;

  private static final class Seen implements EventHandler {
    final List<Integer> tgids = new ArrayList<>();
    int malformed;

    @Override
    public void onSocket(SocketEvent event) {
      throw new AssertionError(event);
    }

    @Override
    public void onData(DataEvent event) {
      throw new AssertionError(event);
    }

    @Override
    public void onDatagram(DatagramEvent event) {
      throw new AssertionError(event);
    }

    @Override
    public void onLife(LifeEvent event) {
      throw new AssertionError(event);
    }

    @Override
    public void onProcess(ProcessEvent event) {
      tgids.add(event.tgid());
    }

    @Override
    public void onMalformed() {
      malformed++;
    }
  }

  private MergedRings merged(FakeRing... rings) {
    return new MergedRings(List.of(rings).stream().map(r -> r.ring).toList(), () -> now);
  }

  @Test
  void ordersByTimeAndHoldsBackWhatIsYoung() {
    FakeRing one = new FakeRing();
    FakeRing two = new FakeRing();
    MergedRings rings = merged(one, two);
    Seen seen = new Seen();
    one.put(10, 1);
    one.put(30, 3);
    now = 29 + HELD;
    assertThat(rings.poll(seen, 100)).isEqualTo(1);
    two.put(20, 2); // came late, but in time
    assertThat(rings.poll(seen, 100)).isEqualTo(1);
    assertThat(rings.backlog()).isPositive();
    now = 30 + HELD;
    assertThat(rings.poll(seen, 100)).isEqualTo(1);
    assertThat(seen.tgids).containsExactly(1, 2, 3);
    assertThat(rings.backlog()).isZero();
  }

  @Test
  void nothingIsHeldBackOfOneRingNorAtTheEnd() {
    FakeRing one = new FakeRing();
    FakeRing two = new FakeRing();
    Seen seen = new Seen();
    one.put(10, 1);
    assertThat(merged(one).poll(seen, 100)).isEqualTo(1);
    MergedRings rings = merged(one, two);
    two.put(20, 2);
    assertThat(rings.poll(seen, 100)).isZero();
    rings.end();
    assertThat(rings.poll(seen, 100)).isEqualTo(1);
    assertThat(seen.tgids).containsExactly(1, 2);
  }

  /** Many turns of both rings, with limits that end in the middle. */
  @Test
  void losesNothingOverManyTurns() {
    FakeRing[] fakes = {new FakeRing(), new FakeRing(), new FakeRing()};
    MergedRings rings = merged(fakes);
    rings.end();
    Random random = new Random(7);
    Seen seen = new Seen();
    List<Integer> put = new ArrayList<>();
    for (int i = 1; i <= 5_000; i++) {
      if (fakes[random.nextInt(fakes.length)].put(i, i)) {
        put.add(i);
      }
      if (random.nextInt(5) == 0) {
        rings.poll(seen, 1 + random.nextInt(10));
      }
    }
    while (rings.poll(seen, 10) > 0) {
      assertThat(seen.malformed).isZero();
    }
    assertThat(seen.tgids).containsExactlyElementsOf(put);
    assertThat(put.size()).isGreaterThan(4_000);
  }

  @Test
  void whatNoKernelWritesIsPassedOver() {
    for (int bytes : new int[] {0, 8, -16, 24, 1 << 20, Integer.MIN_VALUE}) {
      FakeRing fake = new FakeRing();
      MergedRings rings = merged(fake);
      Seen seen = new Seen();
      fake.put(1, 1);
      fake.put(2, 2);
      fake.damage(bytes);
      int events = 0;
      for (int taken = rings.poll(seen, 1); taken > 0; taken = rings.poll(seen, 1)) {
        events += taken;
      }
      assertThat(events).isLessThanOrEqualTo(2);
      assertThat(rings.backlog()).isZero();
    }
  }
}
