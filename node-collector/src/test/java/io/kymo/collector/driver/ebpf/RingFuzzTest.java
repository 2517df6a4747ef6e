package io.kymo.collector.driver.ebpf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever stands in the shared memory, the readers end, read nothing outside of it, and count what
 * is no event. As a test it runs a fixed number of made-up memories; as a fuzz test with coverage.
 */
class RingFuzzTest {
  private static final int CAPACITY = 4096;
  private static final int PERF_START = 2048;
  private static final int ROUNDS = 20_000;

  @FuzzTest(maxDuration = "40s")
  void anyMemory(byte[] bytes) {
    ring(bytes);
    perf(bytes);
  }

  @Test
  void randomMemory() {
    Random random = new Random(11);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = new byte[random.nextInt(CAPACITY)];
      random.nextBytes(bytes);
      likely(bytes, random);
      anyMemory(bytes);
    }
  }

  /** Small lengths and known types in places, so that records are found. */
  private static void likely(byte[] bytes, Random random) {
    for (int at = 0; at + 24 < bytes.length; at += 8 * (1 + random.nextInt(40))) {
      if (random.nextInt(4) > 0) {
        bytes[at + 3] = 0;
        bytes[at + 2] = 0;
        bytes[at + 1] = (byte) random.nextInt(2);
        bytes[at + 8] = (byte) random.nextInt(256);
        bytes[at + 9] = (byte) random.nextInt(2);
        bytes[at + 10] = 0;
        bytes[at + 11] = 0;
        bytes[at + 12] = (byte) random.nextInt(8);
        bytes[at + 13] = 0;
      }
    }
  }

  private static void ring(byte[] bytes) {
    ByteBuffer consumer = Bytes.direct(8);
    ByteBuffer producer = Bytes.direct(64 + CAPACITY);
    int start = bytes.length > 0 ? (bytes[0] & 0xFF) * 8 : 0;
    consumer.putLong(0, start);
    producer.put(64, bytes, 0, Math.min(bytes.length, CAPACITY));
    producer.putLong(0, start + (long) bytes.length);
    Ring ring = new Ring(List.of(), consumer, producer, 64, CAPACITY);
    Bytes handler = new Bytes();
    for (int polls = 0; ring.poll(handler, 7) > 0; polls++) {
      check(polls <= CAPACITY, "the reader does not come to an end");
    }
    check(ring.backlog() >= 0, "more was read than was there");
  }

  private static void perf(byte[] bytes) {
    ByteBuffer memory = Bytes.direct(PERF_START + CAPACITY);
    memory.put(PERF_START, bytes, 0, Math.min(bytes.length, CAPACITY));
    memory.putLong(PerfBuffer.HEAD, bytes.length & ~7);
    PerfBuffers buffers =
        new PerfBuffers(
            List.of(new PerfBuffer(memory, PERF_START, CAPACITY)), () -> Long.MAX_VALUE, () -> {});
    buffers.settle();
    Bytes handler = new Bytes();
    for (int polls = 0; buffers.poll(handler, 7) > 0; polls++) {
      check(polls <= CAPACITY, "the reader does not come to an end");
    }
    check(buffers.backlog() >= 0, "more was read than was there");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
