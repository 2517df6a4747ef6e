package io.kymo.collector.main;

import io.kymo.collector.config.CollectorConfig;
import io.kymo.collector.connection.ConnectionTable;
import io.kymo.collector.connection.ConnectionTracker;
import io.kymo.collector.connection.SocketFinder;
import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.FunctionProbes;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.metrics.Health;
import io.kymo.collector.metrics.StatusServer;
import io.kymo.collector.process.ProcFs;
import io.kymo.collector.process.ProcessReader;
import io.kymo.collector.process.ProcessTable;
import io.kymo.collector.publish.Batcher;
import io.kymo.collector.publish.ClockOffset;
import io.kymo.collector.publish.Origin;
import io.kymo.collector.publish.Publisher;
import io.kymo.collector.publish.Publishing;
import io.kymo.collector.tls.TlsWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** All parts of a collector, wired. Started once, stopped once. */
final class Collector {
  private static final Duration DELIVERY = Duration.ofSeconds(5);

  /** A file is played to its end, however long Kafka takes for it. */
  private static final Duration DELIVERY_OF_FILES = Duration.ofMinutes(5);

  /** A batch that just was not full may grow by one event; its header comes before it. */
  private static final int VALUE_SLACK_BYTES = 64 << 10;

  private final Driver driver;
  private final Counters counters = new Counters();
  private final StatusServer status;
  private final Publisher publisher;
  private final ConnectionTracker connections;
  private final ExecutorService procThread =
      Executors.newSingleThreadExecutor(task -> daemon(task, "kymo-proc"));
  private final CaptureLoop loop;
  private final Thread captureThread;
  private final TlsWatch tls;
  private final LossNote lossNote;
  private final String watching;
  private boolean stopped;

  /**
   * @param driver started
   * @throws IOException when the HTTP port is taken
   */
  Collector(CollectorConfig config, Driver driver) throws IOException {
    this.driver = driver;
    watching = watching(config, driver);
    lossNote = LossNote.in(config.getString(CollectorConfig.STATE_DIR), counters);
    lossNote.read();
    ProcFs proc = new ProcFs(Path.of(config.getString(CollectorConfig.PROC_PATH)));
    publisher =
        Publishing.toKafka(
            config.kafkaClient(),
            String.join(",", config.getList(CollectorConfig.SCHEMA_REGISTRY_URL)),
            counters,
            config.getInt(CollectorConfig.PARTITIONS),
            config.getShort(CollectorConfig.REPLICATION_FACTOR),
            config.getLong(CollectorConfig.SEGMENTS_RETENTION_MS),
            config.getLong(CollectorConfig.PUBLISH_QUEUE_BYTES),
            config.getInt(CollectorConfig.BATCH_MAX_BYTES) + VALUE_SLACK_BYTES,
            config.getLong(CollectorConfig.PUBLISH_PRODUCER_BYTES));
    publisher.patient(driver.canWait());
    int ownPid = Math.toIntExact(ProcessHandle.current().pid());
    SocketFinder finder =
        driver.packets()
            ? SocketFinder.none()
            : new SocketFinder(proc, config.scope(), ownPid, procThread);
    ProcessTable processes =
        new ProcessTable(
            new ProcessReader(proc), counters, config.getInt(CollectorConfig.PROCESSES_MAX));
    connections =
        new ConnectionTracker(
            new ConnectionTable(config.getInt(CollectorConfig.CONNECTIONS_MAX)),
            processes,
            counters,
            finder);
    tls = watchTls(config, driver, ownPid, counters);
    ClockOffset offset =
        driver.packets()
            ? ClockOffset.none()
            : new ClockOffset(Clock.systemUTC(), System::nanoTime);
    Batcher batcher =
        new Batcher(
            origin(config, proc, driver.name()),
            publisher,
            counters,
            offset,
            config.getInt(CollectorConfig.BATCH_MAX_BYTES),
            nanos(config, CollectorConfig.BATCH_LINGER_MS),
            nanos(config, CollectorConfig.STATS_INTERVAL_MS));
    loop =
        new CaptureLoop(
            driver,
            new CaptureHandler(
                connections, processes, batcher, counters, driver::reason, tls, driver.packets()),
            driver.canWait() ? publisher::halfFull : publisher::crowded,
            connections,
            batcher,
            counters,
            offset,
            System::nanoTime,
            new IdleStrategy.Backoff(),
            config.getInt(CollectorConfig.CAPTURE_POLL_EVENTS),
            nanos(config, CollectorConfig.UDP_IDLE_MS));
    captureThread = daemon(loop, "kymo-capture");
    Health health = new Health().with("capture", loop::problem).with("publish", publisher::problem);
    status = new StatusServer(config.getInt(CollectorConfig.HTTP_PORT), counters, health);
    gauges();
  }

  void start() {
    publisher.start();
    connections.lookAround(System.nanoTime());
    captureThread.start();
    if (tls != null) {
      tls.start();
    }
    status.start();
  }

  /** Where /health and /metrics are. */
  int httpPort() {
    return status.port();
  }

  /** What is captured, for people: of what, and the filters. */
  String watching() {
    return watching;
  }

  private static String watching(CollectorConfig config, Driver driver) {
    List<String> only = config.getList(CollectorConfig.CAPTURE_ONLY);
    if (!only.isEmpty()) {
      return driver.watches() + ", only " + String.join(" ", only);
    }
    return driver.watches() + (driver.packets() ? "" : ", without Kymo itself");
  }

  /** Returns when capturing has ended, by {@link #stop} or by a failure, which it names. */
  String await() throws InterruptedException {
    captureThread.join();
    return loop.problem();
  }

  /** Of a driver that ended by itself, once stopped. */
  Ending ending() {
    return Ending.of(driver, counters);
  }

  /** Captures nothing new, brings to Kafka what was captured, lets go of the kernel; idempotent. */
  synchronized void stop() throws InterruptedException {
    if (stopped) {
      return;
    }
    stopped = true;
    boolean played = driver.canWait() && driver.finished() && !captureThread.isAlive();
    publisher.patient(false);
    loop.stop();
    captureThread.join();
    publisher.close(played ? DELIVERY_OF_FILES : DELIVERY);
    lossNote.write();
    status.close();
    procThread.shutdownNow();
    if (tls != null) {
      tls.close();
    }
    driver.close();
  }

  private static TlsWatch watchTls(
      CollectorConfig config, Driver driver, int ownPid, Counters counters) {
    FunctionProbes probes = driver.functionProbes();
    if (probes == null || config.getString(CollectorConfig.CAPTURE_TLS).equals("off")) {
      return null;
    }
    Path proc = Path.of(config.getString(CollectorConfig.PROC_PATH));
    return new TlsWatch(proc, config.scope(), ownPid, probes, counters);
  }

  private void gauges() {
    if (tls != null) {
      status.gauge("tls_files", "Files whose TLS functions are watched.", tls, TlsWatch::attached);
      status.page("/tls", tls::report);
    }
    status.page("/watching", () -> List.of(watching));
    status.page("/nested", this::nested);
    status.gauge("connections", "Connections in the table.", connections, ConnectionTracker::size);
    status.gauge("publish_queue_bytes", "Batches that wait.", publisher, Publisher::queuedBytes);
    status.gauge(
        "publish_pending_batches",
        "Batches neither acknowledged nor lost.",
        publisher,
        Publisher::pendingBatches);
    status.gauge("ring_backlog_bytes", "What waits in the ring.", driver, Driver::backlogBytes);
    status.gauge("ring_capacity_bytes", "What the ring can hold.", driver, Driver::capacityBytes);
  }

  /** Programs that did not see everything, because they were interrupted by themselves. */
  private List<String> nested() {
    return driver.nested().entrySet().stream()
        .map(program -> program.getKey() + " " + program.getValue())
        .toList();
  }

  private static Origin origin(CollectorConfig config, ProcFs proc, String driver) {
    String node = config.getString(CollectorConfig.NODE_NAME);
    Instant now = Instant.now();
    return new Origin(
        node.isEmpty() ? required(proc, "sys/kernel/hostname") : node,
        required(proc, "sys/kernel/random/boot_id"),
        TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano(),
        driver);
  }

  private static String required(ProcFs proc, String file) {
    String text = proc.read(file);
    if (text == null) {
      throw new IllegalStateException(file + " cannot be read: is proc.path right?");
    }
    return text.trim();
  }

  private static long nanos(CollectorConfig config, String key) {
    return TimeUnit.MILLISECONDS.toNanos(config.getLong(key));
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }
}
