package io.kymo.captures;

import io.kymo.collector.driver.pcap.packet.Packet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** A decoder on a thread of its own, with the batches that come to it and go back. */
final class Partition {
  private static final int BATCHES = 6;

  private final Decoder decoder;
  private final Thread thread;
  private final BlockingQueue<PacketBatch> full = new ArrayBlockingQueue<>(BATCHES);
  private final BlockingQueue<PacketBatch> empty = new ArrayBlockingQueue<>(BATCHES);
  private PacketBatch filling = new PacketBatch();
  private volatile Throwable failure;

  Partition(Decoder decoder, int number) {
    this.decoder = decoder;
    for (int i = 1; i < BATCHES; i++) {
      empty.add(new PacketBatch());
    }
    thread = new Thread(this::run, "decode-" + number);
    thread.setDaemon(true);
    thread.start();
  }

  void packet(Packet packet) throws InterruptedException {
    if (!filling.add(packet)) {
      handOn();
      filling.add(packet);
    }
  }

  /** All that is open ends. */
  void finish(boolean finalOne) throws InterruptedException {
    filling.last = true;
    filling.finalOne = finalOne;
    handOn();
  }

  private void handOn() throws InterruptedException {
    full.put(filling);
    filling = empty.take();
    filling.clear();
  }

  /** Waits for the thread's end; passes on what it failed with. */
  void join() throws InterruptedException {
    thread.join();
    if (failure != null) {
      throw new IllegalStateException("decoding failed", failure);
    }
  }

  Decoder decoder() {
    return decoder;
  }

  private void run() {
    boolean more = true;
    while (more) {
      try {
        PacketBatch batch = full.take();
        if (failure == null) { // else only taken: the reader must not wait for ever
          decode(batch);
        }
        more = !batch.finalOne;
        empty.put(batch);
      } catch (InterruptedException e) {
        failure = e;
        return;
      }
    }
  }

  private void decode(PacketBatch batch) {
    try {
      for (int i = 0; i < batch.count(); i++) {
        decoder.packet(batch.packet(i));
      }
      if (batch.last) {
        decoder.finish();
      }
    } catch (RuntimeException | Error e) {
      failure = e;
    }
  }
}
