package io.kymo.processor.main;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.processor.config.Arguments;
import io.kymo.processor.config.ProcessorConfig;
import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.sink.ClickHouseSink;
import io.kymo.processor.sink.SinkConfig;
import io.kymo.processor.topology.SchemaIdentifiers;
import io.kymo.processor.topology.SegmentTopology;
import io.kymo.processor.topology.Timing;
import io.kymo.processor.topology.TopicSetup;
import io.kymo.protocol.Privacy;
import io.kymo.schemas.wire.SchemaIds;
import io.kymo.schemas.wire.SchemaRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process: waits for Kafka and the registry, creates topics, registers schemas, then runs the
 * topology and the sink until it is told to stop. Exit codes: 0 stopped, 1 failed, 2 wrong
 * configuration.
 */
public final class StreamProcessor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StreamProcessor.class);
  private static final Duration CLOSE = Duration.ofSeconds(15);
  private static final long PAUSE_MS = 1_000;
  private static final long REPEAT_MS = 30_000;

  private final ProcessorConfig config;
  private final Metrics metrics = new Metrics();
  private final Endpoints endpoints;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean closing;
  private volatile String waitingFor = "starting";
  private volatile boolean failed;
  private Admin admin;
  private LagProbe lag;
  private volatile KafkaStreams streams;
  private volatile ClickHouseSink sink;

  /**
   * @throws IOException when the HTTP port is taken
   */
  StreamProcessor(ProcessorConfig config) throws IOException {
    this.config = config;
    this.endpoints =
        new Endpoints(config.getInt(ProcessorConfig.HTTP_PORT), this::problem, metrics);
  }

  public static void main(String[] arguments) throws InterruptedException {
    StreamProcessor processor;
    try {
      processor = new StreamProcessor(new ProcessorConfig(Arguments.parse(arguments)));
    } catch (ConfigException e) {
      System.err.println("stream-processor: " + e.getMessage());
      System.exit(2);
      return;
    } catch (IOException e) {
      System.err.println("stream-processor: " + ProcessorConfig.HTTP_PORT + ": " + e.getMessage());
      System.exit(2);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(processor::close, "stop"));
    try {
      processor.start();
    } catch (SchemaRefusedException | StreamsException e) {
      LOG.error("cannot start: {}", e.getMessage());
      System.exit(1);
    }
    processor.ended.await();
    System.exit(processor.failed ? 1 : 0);
  }

  /** Returns when everything was started, or the process is told to stop. */
  void start() throws InterruptedException, SchemaRefusedException {
    LOG.info("http://127.0.0.1:{}/health", endpoints.port());
    admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                String.join(",", config.getList(ProcessorConfig.KAFKA)),
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                10_000,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                5_000));
    Integer partitions = patiently("Kafka", () -> topics().create(admin));
    SchemaRegistryClient registry = SchemaIds.client(config.getString(ProcessorConfig.REGISTRY));
    SchemaIdentifiers schemas =
        patiently("the schema registry", () -> SchemaIdentifiers.register(registry));
    if (partitions == null || schemas == null) {
      return;
    }
    synchronized (this) {
      if (closing) {
        return;
      }
      lag =
          new LagProbe(
              admin, config.getString(ProcessorConfig.APPLICATION_ID), partitions, metrics);
      lag.start();
      streams = streams(registry, schemas, partitions);
      streams.start();
      sink = new ClickHouseSink(sinkConfig(), registry, new SinkCounters(metrics));
      sink.start();
      waitingFor = null;
    }
    LOG.info(
        "{} partitions of segments, {} threads",
        partitions,
        config.getInt(ProcessorConfig.THREADS));
  }

  private TopicSetup topics() {
    return new TopicSetup(
        config.getInt(ProcessorConfig.PARTITIONS),
        config.getShort(ProcessorConfig.REPLICATION_FACTOR),
        config.getLong(ProcessorConfig.SEGMENTS_RETENTION),
        config.getLong(ProcessorConfig.ROWS_RETENTION));
  }

  private KafkaStreams streams(
      SchemaRegistryClient registry, SchemaIdentifiers schemas, int partitions) {
    SegmentTopology topology =
        new SegmentTopology(
            registry, schemas, limits(partitions), privacy(), timing(), lag, metrics);
    KafkaStreams made = new KafkaStreams(topology.build(), StreamsSettings.of(config));
    made.setUncaughtExceptionHandler(
        new ThreadReplacement(
            config.getInt(ProcessorConfig.RESTARTS),
            metrics,
            System::currentTimeMillis,
            failure -> {
              failed = true;
              ended.countDown();
            }));
    return made;
  }

  private Limits limits(int partitions) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        Math.max(1 << 20, config.getLong(ProcessorConfig.MEMORY) / partitions),
        config.getInt(ProcessorConfig.WINDOW),
        d.heldSegments(),
        config.getInt(ProcessorConfig.WINDOW),
        TimeUnit.MILLISECONDS.toNanos(config.getLong(ProcessorConfig.REORDER_TIMEOUT)),
        d.awaitRequestNs(),
        d.quietNs(),
        d.closeNs(),
        TimeUnit.MILLISECONDS.toNanos(config.getLong(ProcessorConfig.PAIRING_TIMEOUT)),
        config.getInt(ProcessorConfig.IN_FLIGHT),
        d.recogniseBytes(),
        d.recogniseTries(),
        d.steps());
  }

  private Privacy privacy() {
    return new Privacy(
        config.getBoolean(ProcessorConfig.PRIVACY_SQL),
        config.getBoolean(ProcessorConfig.PRIVACY_REDIS),
        config.getBoolean(ProcessorConfig.PRIVACY_URL));
  }

  private Timing timing() {
    return new Timing(
        TimeUnit.MILLISECONDS.toNanos(config.getLong(ProcessorConfig.STREAM_IDLE)),
        TimeUnit.MILLISECONDS.toNanos(config.getLong(ProcessorConfig.DATAGRAM_IDLE)),
        TimeUnit.MILLISECONDS.toNanos(config.getLong(ProcessorConfig.CONNECTION_INTERVAL)),
        TimeUnit.MILLISECONDS.toNanos(config.getLong(ProcessorConfig.STATS_INTERVAL)));
  }

  private SinkConfig sinkConfig() {
    return new SinkConfig(
        String.join(",", config.getList(ProcessorConfig.KAFKA)),
        config.getString(ProcessorConfig.CLICKHOUSE_URL),
        config.getString(ProcessorConfig.CLICKHOUSE_USER),
        config.getPassword(ProcessorConfig.CLICKHOUSE_PASSWORD).value(),
        config.getString(ProcessorConfig.CLICKHOUSE_DATABASE),
        config.getString(ProcessorConfig.APPLICATION_ID) + "-sink",
        config.getString(ProcessorConfig.INSTANCE_ID),
        config.getInt(ProcessorConfig.SINK_ROWS),
        config.getInt(ProcessorConfig.SINK_BYTES),
        config.getInt(ProcessorConfig.SINK_LINGER));
  }

  /** A step of the start that needs somebody else's answer. */
  private interface Step<T> {
    T run() throws IOException, ExecutionException, InterruptedException;
  }

  /** Tries until it works, and says so from time to time; null when the process is told to stop. */
  private <T> T patiently(String whom, Step<T> step)
      throws InterruptedException, SchemaRefusedException {
    waitingFor = "waiting for " + whom;
    long toldAtMs = 0;
    while (!closing) {
      try {
        return step.run();
      } catch (SchemaRefusedException e) {
        throw e;
      } catch (IOException | ExecutionException e) {
        String reason =
            String.valueOf(e instanceof ExecutionException ? e.getCause() : e.getMessage());
        waitingFor = "waiting for " + whom + ": " + reason;
        if (System.currentTimeMillis() - toldAtMs >= REPEAT_MS) {
          toldAtMs = System.currentTimeMillis();
          LOG.warn("{}", waitingFor);
        }
        Thread.sleep(PAUSE_MS);
      }
    }
    return null;
  }

  /** Why no rows flow, null when they do. */
  private String problem() {
    if (waitingFor != null) {
      return waitingFor;
    }
    KafkaStreams.State state = streams.state();
    if (state != KafkaStreams.State.RUNNING) {
      return "Kafka Streams is " + state;
    }
    return sink.problem();
  }

  int port() {
    return endpoints.port();
  }

  Metrics metrics() {
    return metrics;
  }

  /** Finishes what was begun: the open transaction, the rows read by the sink. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
      waitingFor = "stopping";
    }
    if (streams != null) {
      streams.close(CLOSE);
    }
    if (sink != null) {
      sink.close();
    }
    if (lag != null) {
      lag.close();
    }
    if (admin != null) {
      admin.close(Duration.ofSeconds(2));
    }
    endpoints.close();
    ended.countDown();
    LOG.info("stopped");
  }
}
