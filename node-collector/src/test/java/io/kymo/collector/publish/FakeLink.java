package io.kymo.collector.publish;

import io.kymo.collector.metrics.Counters;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.InterruptException;

/** Kafka and registry as a test wants them: away, without room, refusing. */
public final class FakeLink implements Link {
  private final List<byte[]> sent = new ArrayList<>();
  private final List<Integer> partitionsSent = new ArrayList<>();
  private final List<Delivery> unacknowledged = new ArrayList<>();
  private boolean away;
  private boolean room = true;
  private boolean broken;
  private boolean acknowledges = true;
  private Exception refusal;
  private boolean hangs;
  private int opened;
  private int partitions = 4;

  /** A publisher over this link. */
  public Publisher publisher(Counters counters, int queueBytes) {
    return new Publisher(this, counters, partitions, queueBytes, 1, Long.MAX_VALUE >> 32);
  }

  public synchronized void away(boolean now) {
    away = now;
    broken = now;
  }

  synchronized void room(boolean now) {
    room = now;
  }

  /** From now on opening takes until it is interrupted, which Kafka's client tells in its way. */
  synchronized void hang() {
    away = true;
    hangs = true;
  }

  synchronized void refuse(Exception reason) {
    refusal = reason;
  }

  synchronized void acknowledges(boolean now) {
    acknowledges = now;
  }

  synchronized void partitions(int number) {
    partitions = number;
  }

  public synchronized int opened() {
    return opened;
  }

  synchronized List<byte[]> sent() {
    return new ArrayList<>(sent);
  }

  synchronized List<Integer> partitionsSent() {
    return new ArrayList<>(partitionsSent);
  }

  @Override
  public synchronized Ready open() throws IOException {
    opened++;
    while (hangs) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
    if (away) {
      throw new IOException("nobody at home");
    }
    return new Ready(0x01020304, partitions);
  }

  @Override
  public synchronized boolean send(int partition, byte[] value, Delivery delivery)
      throws IOException {
    if (broken) {
      throw new IOException("connection lost");
    }
    if (!room) {
      return false;
    }
    sent.add(value.clone());
    partitionsSent.add(partition);
    if (acknowledges) {
      delivery.done(refusal);
    } else {
      unacknowledged.add(delivery);
    }
    return true;
  }

  @Override
  public synchronized void close(Duration timeout) {
    if (Thread.interrupted()) {
      throw new InterruptException("closing");
    }
    for (Delivery delivery : unacknowledged) {
      delivery.done(new IOException("closed"));
    }
    unacknowledged.clear();
  }
}
