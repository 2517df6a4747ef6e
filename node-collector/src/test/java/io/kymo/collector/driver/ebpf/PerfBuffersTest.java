package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Merging of buffers that a test writes, as the kernel does. */
class PerfBuffersTest {
  private static final int START = 2048;
  private static final int CAPACITY = 8192;
  private static final long LONG_AGO = PerfBuffers.WINDOW_NANOS;
  private final Cpu[] cpus = {new Cpu(), new Cpu(), new Cpu()};
  private final Bytes handler = new Bytes();
  private boolean unmapped;
  private long now;
  private final PerfBuffers buffers =
      new PerfBuffers(
          List.of(cpus[0].reader, cpus[1].reader, cpus[2].reader),
          () -> now,
          () -> unmapped = true);

  private static final class Cpu {
    private final ByteBuffer memory = Bytes.direct(START + CAPACITY);
    private final PerfBuffer reader = new PerfBuffer(memory, START, CAPACITY);
    private long written;

    boolean sample(long time, ByteBuffer event) {
      int size = (PerfBuffer.SAMPLE_HEADER + event.capacity() + 7) & ~7;
      ByteBuffer record = Bytes.direct(size);
      record.putInt(0, PerfBuffer.RECORD_SAMPLE);
      record.putShort(6, (short) size);
      record.putLong(8, time);
      record.putInt(16, size - PerfBuffer.SAMPLE_HEADER);
      for (int i = 0; i < event.capacity(); i++) {
        record.put(PerfBuffer.SAMPLE_HEADER + i, event.get(i));
      }
      return record(record);
    }

    boolean record(ByteBuffer record) {
      if (written + record.capacity() - memory.getLong(PerfBuffer.TAIL) > CAPACITY) {
        return false;
      }
      for (int i = 0; i < record.capacity(); i++) {
        memory.put(START + (int) ((written + i) % CAPACITY), record.get(i));
      }
      written += record.capacity();
      memory.putLong(PerfBuffer.HEAD, written);
      return true;
    }
  }

  @Test
  void eventsOfAllProcessorsComeInTheOrderOfTime() {
    Random random = new Random(5);
    long time = 0;
    List<Long> expected = new ArrayList<>();
    for (int round = 0; round < 3_000; round++) {
      time++;
      if (cpus[random.nextInt(3)].sample(time, Bytes.data(time, random.nextInt(600)))) {
        expected.add(time);
      }
      if (random.nextInt(4) == 0) {
        now = time + LONG_AGO;
        buffers.poll(handler, 1 + random.nextInt(20));
      }
    }
    now = time + LONG_AGO;
    while (buffers.poll(handler, 50) > 0) {
      // all that is left
    }
    assertThat(handler.sockets).isEqualTo(expected).hasSizeGreaterThan(1000);
    for (int i = 0; i < expected.size(); i++) {
      byte[] payload = handler.payloads.get(i);
      assertThat(payload).isEqualTo(Bytes.payload(expected.get(i), payload.length));
    }
    assertThat(buffers.late()).isZero();
    assertThat(buffers.backlog()).isZero();
    assertThat(handler.malformed).isZero();
  }

  @Test
  void aYoungEventWaitsUntilNoEarlierOneCanCome() {
    cpus[0].sample(1000, Bytes.data(2, 0));
    now = 1000 + LONG_AGO - 1;
    assertThat(buffers.poll(handler, 10)).isZero();

    cpus[1].sample(900, Bytes.data(1, 0));
    now++;
    assertThat(buffers.poll(handler, 10)).isEqualTo(2);
    assertThat(handler.sockets).containsExactly(1L, 2L);

    cpus[2].sample(950, Bytes.data(3, 0));
    assertThat(buffers.poll(handler, 10)).isEqualTo(1);
    assertThat(buffers.late()).isEqualTo(1);
  }

  @Test
  void nothingWaitsWhenABufferFillsUpOrTheKernelHasEnded() {
    now = 10;
    cpus[0].sample(10, Bytes.data(1, 0));
    while (cpus[1].written <= CAPACITY / 2) {
      cpus[1].sample(10, Bytes.data(2, 1000));
    }
    assertThat(buffers.poll(handler, 100)).isGreaterThan(3);

    cpus[0].sample(10, Bytes.data(9, 0));
    assertThat(buffers.poll(handler, 100)).isZero();
    buffers.settle();
    assertThat(buffers.poll(handler, 100)).isEqualTo(1);
  }

  @Test
  void otherRecordsArePassedOverAndBrokenOnesCounted() {
    now = LONG_AGO;
    ByteBuffer lost = Bytes.direct(24); // PERF_RECORD_LOST
    lost.putInt(0, 2);
    lost.putShort(6, (short) 24);
    cpus[0].record(lost);
    cpus[0].sample(0, Bytes.data(1, 3));
    assertThat(buffers.poll(handler, 10)).isEqualTo(1);

    ByteBuffer broken = Bytes.direct(8);
    broken.putInt(0, PerfBuffer.RECORD_SAMPLE);
    broken.putShort(6, (short) 4096);
    cpus[0].record(broken);
    assertThat(buffers.poll(handler, 10)).isZero();
    cpus[0].sample(0, Bytes.data(2, 3));
    assertThat(buffers.poll(handler, 10)).isEqualTo(1);

    assertThat(handler.malformed).isEqualTo(1);
    assertThat(handler.sockets).containsExactly(1L, 2L);
  }

  @Test
  void unmapsAll() {
    buffers.unmap();
    assertThat(unmapped).isTrue();
  }
}
