package io.kymo.collector.publish;

import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes batches without blocking, unless told to be patient, and brings them to Kafka on a thread
 * of its own. While Kafka or the registry is away they wait in a bounded queue; beyond it they are
 * dropped and counted, and the gap in their sequence numbers tells it downstream.
 */
public final class Publisher implements BatchSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
  private static final long WAIT_MS = 100;
  private static final int PACE_MS = 5;

  /** Kafka that answered so recently is busy, not away. */
  private static final long LIVELY_NANOS = 5_000_000_000L;

  private final Link link;
  private final Counters counters;
  private final Deliveries deliveries;
  private final PublishQueue queue;
  private final long backoffMs;
  private final Thread thread = new Thread(this::run, "kymo-publish");

  private volatile int partitions;
  private volatile String problem = "not connected yet";
  private volatile boolean stopping;
  private volatile boolean patient;
  private volatile long stopAtNanos;

  /** The problem that was logged last; at the start none was. */
  private String told;

  private volatile boolean open;
  private int schemaId;

  /**
   * @param partitions assumed until Kafka tells
   * @param queueBytes most bytes that wait
   * @param backoffMs pause between attempts to connect
   * @param silenceMs Kafka counts as away when it acknowledges nothing for so long
   */
  Publisher(
      Link link,
      Counters counters,
      int partitions,
      long queueBytes,
      long backoffMs,
      long silenceMs) {
    this.link = link;
    this.counters = counters;
    this.partitions = partitions;
    this.queue = new PublishQueue(queueBytes);
    this.backoffMs = backoffMs;
    this.deliveries = new Deliveries(counters, TimeUnit.MILLISECONDS.toNanos(silenceMs));
    thread.setDaemon(true);
  }

  public void start() {
    thread.start();
  }

  @Override
  public int partitions() {
    return partitions;
  }

  @Override
  public void offer(Batch batch) {
    deliveries.offered();
    if (!(patient ? queue.offerPatiently(batch) : queue.offer(batch))) {
      deliveries.lostInQueue(batch);
    }
  }

  @Override
  public boolean crowded() {
    return open && queue.crowded() && deliveries.answeredWithin(LIVELY_NANOS);
  }

  /** More than half of the queue is taken, be Kafka busy or away. */
  public boolean halfFull() {
    return queue.crowded();
  }

  /**
   * From now on, whether {@link #offer} waits until there is room: right where the source can wait
   * as well. A batch that is larger than the whole queue is dropped and counted all the same.
   */
  public void patient(boolean wait) {
    patient = wait;
    queue.patient(wait);
  }

  /** One line, or null when batches reach Kafka. */
  public String problem() {
    String known = problem;
    return known != null ? known : deliveries.problem();
  }

  public long queuedBytes() {
    return queue.bytes();
  }

  /** Batches neither acknowledged nor lost. */
  public long pendingBatches() {
    return deliveries.pending();
  }

  /**
   * Delivers what was offered, as far as that is possible in time; the rest is counted as lost.
   *
   * @param timeout for all of it
   */
  public void close(Duration timeout) {
    stopAtNanos = System.nanoTime() + timeout.toNanos();
    stopping = true;
    deliveries.stopping();
    long patienceMs = timeout.plusSeconds(1).toMillis();
    try {
      thread.join(patienceMs);
      if (thread.isAlive()) { // it hangs in a call to Kafka or the registry
        thread.interrupt();
        thread.join(patienceMs);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    close(Duration.ofSeconds(5));
  }

  private void run() {
    try {
      while (!(stopping && (queue.isEmpty() || System.nanoTime() - stopAtNanos > 0))) {
        if (open || connect()) {
          deliver();
        }
        tell();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private boolean connect() throws InterruptedException {
    try {
      Link.Ready ready = link.open();
      schemaId = ready.schemaId();
      partitions = ready.partitions();
      open = true;
      deliveries.opened();
      problem = null;
      return true;
    } catch (IOException | RuntimeException e) {
      failed(e);
      return false;
    }
  }

  private void deliver() throws InterruptedException {
    PublishQueue.Entry batch = queue.peek(WAIT_MS);
    if (batch == null) {
      return;
    }
    // a partition beyond Kafka's number was chosen before that was known
    int partition = batch.partition() % partitions;
    byte[] value = queue.value();
    frame(value, schemaId);
    try {
      if (link.send(partition, value, deliveries.of(batch))) {
        queue.remove();
      } else {
        Thread.sleep(PACE_MS);
      }
    } catch (IOException | RuntimeException e) {
      open = false;
      failed(e);
    }
  }

  /** Confluent's wire format; the id stands in bytes 1 to 4, big endian. */
  private static void frame(byte[] value, int schemaId) {
    for (int i = 0; i < Integer.BYTES; i++) {
      value[1 + i] = (byte) (schemaId >>> (24 - 8 * i));
    }
  }

  private void failed(Exception e) throws InterruptedException {
    counters.increment(CollectorCounter.PUBLISH_RETRIES);
    problem = String.valueOf(e.getMessage());
    tell();
    Thread.sleep(backoffMs);
  }

  /** Logs when a problem comes and when it has gone, not each time that it is met. */
  private void tell() {
    String now = problem();
    if ((now == null) == (told == null)) {
      return;
    }
    told = now;
    if (now == null) {
      LOG.info("Kafka and the schema registry take batches");
    } else {
      LOG.warn("{}; batches wait{}", now, patient ? "" : ", then are dropped and counted");
    }
  }

  private void end() {
    // interrupted because it hung in a call: what is left to do must not be
    boolean interrupted = Thread.interrupted();
    try {
      link.close(Duration.ofNanos(Math.max(0, stopAtNanos - System.nanoTime())));
    } catch (RuntimeException e) {
      LOG.warn("closing the link to Kafka: {}", String.valueOf(e.getMessage()));
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    while (!queue.isEmpty()) {
      deliveries.lostAtStop(queue.remove());
    }
    long lost = counters.get(CollectorCounter.LOST_STOP_BATCHES);
    if (lost > 0) {
      LOG.warn(
          "{} batches with {} bytes could not be delivered before the end",
          lost,
          counters.get(CollectorCounter.LOST_STOP_BYTES));
    }
  }
}
