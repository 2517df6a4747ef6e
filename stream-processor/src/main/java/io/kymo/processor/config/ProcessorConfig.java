package io.kymo.processor.config;

import java.net.URI;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.common.config.ConfigException;

/**
 * The stream-processor's configuration. docs/configuration-processor.md is generated from this
 * table. Constructors elsewhere take values, not this object.
 */
public final class ProcessorConfig extends AbstractConfig {
  public static final String KAFKA = "kafka.bootstrap.servers";
  public static final String REGISTRY = "schema.registry.url";
  public static final String CLICKHOUSE_URL = "clickhouse.url";
  public static final String CLICKHOUSE_USER = "clickhouse.user";
  public static final String CLICKHOUSE_PASSWORD = "clickhouse.password";
  public static final String CLICKHOUSE_DATABASE = "clickhouse.database";
  public static final String HTTP_PORT = "http.port";
  public static final String APPLICATION_ID = "application.id";
  public static final String INSTANCE_ID = "instance.id";
  public static final String STATE_DIR = "state.dir";
  public static final String PARTITIONS = "partitions";
  public static final String REPLICATION_FACTOR = "replication.factor";
  public static final String SEGMENTS_RETENTION = "segments.retention.ms";
  public static final String ROWS_RETENTION = "rows.retention.ms";
  public static final String THREADS = "stream.threads";
  public static final String COMMIT_INTERVAL = "commit.interval.ms";
  public static final String RESTARTS = "stream.restarts";
  public static final String PAIRING_TIMEOUT = "pairing.timeout.ms";
  public static final String REORDER_TIMEOUT = "reorder.timeout.ms";
  public static final String STREAM_IDLE = "stream.idle.ms";
  public static final String DATAGRAM_IDLE = "datagram.idle.ms";
  public static final String CONNECTION_INTERVAL = "connection.interval.ms";
  public static final String STATS_INTERVAL = "collector.stats.interval.ms";
  public static final String MEMORY = "memory.bytes";
  public static final String WINDOW = "window.bytes";
  public static final String IN_FLIGHT = "in.flight.requests";
  public static final String PRIVACY_SQL = "privacy.sql.literals";
  public static final String PRIVACY_REDIS = "privacy.redis.values";
  public static final String PRIVACY_URL = "privacy.url.query.values";
  public static final String SINK_ROWS = "sink.block.rows";
  public static final String SINK_BYTES = "sink.block.bytes";
  public static final String SINK_LINGER = "sink.linger.ms";

  private static final long SECOND = 1_000;
  private static final long HOUR = 3_600 * SECOND;
  private static final long DAY = 24 * HOUR;

  private static final ConfigDef TABLE =
      new ConfigDef()
          .define(
              KAFKA,
              ConfigDef.Type.LIST,
              "127.0.0.1:9092",
              ConfigDef.ValidList.anyNonDuplicateValues(false, false),
              Importance.HIGH,
              "Kafka's brokers, host:port, comma between.")
          .define(
              REGISTRY,
              ConfigDef.Type.STRING,
              "http://127.0.0.1:8081",
              url(),
              Importance.HIGH,
              "Base URL of the schema registry's Confluent API.")
          .define(
              CLICKHOUSE_URL,
              ConfigDef.Type.STRING,
              "http://127.0.0.1:8123",
              url(),
              Importance.HIGH,
              "ClickHouse's HTTP interface.")
          .define(
              CLICKHOUSE_USER,
              ConfigDef.Type.STRING,
              "default",
              text(),
              Importance.HIGH,
              "ClickHouse user.")
          .define(
              CLICKHOUSE_PASSWORD,
              ConfigDef.Type.PASSWORD,
              "",
              any("any text"),
              Importance.HIGH,
              "ClickHouse password.")
          .define(
              CLICKHOUSE_DATABASE,
              ConfigDef.Type.STRING,
              "kymo",
              name(),
              Importance.MEDIUM,
              "Database that holds the tables; created when absent.")
          .define(
              HTTP_PORT,
              ConfigDef.Type.INT,
              9464,
              Range.between(0, 65_535),
              Importance.HIGH,
              "Loopback port of /health, /metrics and /accounting; 0 takes a free one.")
          .define(
              APPLICATION_ID,
              ConfigDef.Type.STRING,
              "kymo-stream-processor",
              name(),
              Importance.HIGH,
              "Consumer group, and prefix of changelog topics. A new id starts anew from the oldest segments.")
          .define(
              INSTANCE_ID,
              ConfigDef.Type.STRING,
              "0",
              name(),
              Importance.HIGH,
              "Tells this process apart from others with the same application.id. Stays the same over restarts, so that a process"
                  + " that was killed gets its partitions back at once.")
          .define(
              STATE_DIR,
              ConfigDef.Type.STRING,
              System.getProperty("java.io.tmpdir") + "/kymo-stream-processor",
              text(),
              Importance.HIGH,
              "Directory for what identifies this process over restarts. State itself lives in Kafka.")
          .define(
              PARTITIONS,
              ConfigDef.Type.INT,
              4,
              Range.between(1, 10_000),
              Importance.HIGH,
              "Partitions of topics that do not exist yet. Cannot be changed afterwards.")
          .define(
              REPLICATION_FACTOR,
              ConfigDef.Type.SHORT,
              (short) 1,
              Range.between(1, 100),
              Importance.HIGH,
              "Replicas of topics that do not exist yet.")
          .define(
              SEGMENTS_RETENTION,
              ConfigDef.Type.LONG,
              DAY,
              Range.atLeast(60 * SECOND),
              Importance.MEDIUM,
              "How long Kafka keeps raw segments, set when the topic is created.")
          .define(
              ROWS_RETENTION,
              ConfigDef.Type.LONG,
              7 * DAY,
              Range.atLeast(60 * SECOND),
              Importance.MEDIUM,
              "How long Kafka keeps what is on its way to ClickHouse: the longest time that ClickHouse may be away. Set when the"
                  + " topics are created.")
          .define(
              THREADS,
              ConfigDef.Type.INT,
              1,
              Range.between(1, 64),
              Importance.MEDIUM,
              "Threads that process segments; more than partitions are of no use.")
          .define(
              COMMIT_INTERVAL,
              ConfigDef.Type.LONG,
              100L,
              Range.between(10, 10_000),
              Importance.MEDIUM,
              "Time between transactions: rows become visible no sooner.")
          .define(
              RESTARTS,
              ConfigDef.Type.INT,
              10,
              Range.between(0, 1_000),
              Importance.LOW,
              "Failed threads that are replaced within ten minutes before the process gives up and ends with exit code 1.")
          .define(
              PAIRING_TIMEOUT,
              ConfigDef.Type.LONG,
              30 * SECOND,
              Range.between(100, HOUR),
              Importance.MEDIUM,
              "A request without an answer for this long, in stream time, becomes a row with status timeout.")
          .define(
              REORDER_TIMEOUT,
              ConfigDef.Type.LONG,
              2 * SECOND,
              Range.between(1, 60 * SECOND),
              Importance.LOW,
              "How long later bytes wait for earlier ones, in stream time, before those count as a gap.")
          .define(
              STREAM_IDLE,
              ConfigDef.Type.LONG,
              2 * HOUR,
              Range.atLeast(SECOND),
              Importance.LOW,
              "State of a TCP or Unix stream connection on which nothing happened for this long is given up.")
          .define(
              DATAGRAM_IDLE,
              ConfigDef.Type.LONG,
              120 * SECOND,
              Range.atLeast(SECOND),
              Importance.LOW,
              "The same for datagram sockets, which seldom say that they are done.")
          .define(
              CONNECTION_INTERVAL,
              ConfigDef.Type.LONG,
              60 * SECOND,
              Range.atLeast(100),
              Importance.LOW,
              "An open connection becomes a row of connections this often while it is active.")
          .define(
              STATS_INTERVAL,
              ConfigDef.Type.LONG,
              5 * SECOND,
              Range.atLeast(100),
              Importance.LOW,
              "A collector's counters become rows at most this often, and only when they changed.")
          .define(
              MEMORY,
              ConfigDef.Type.LONG,
              128L << 20,
              Range.atLeast(1 << 20),
              Importance.HIGH,
              "Heap that bytes waiting for decoding may take, all partitions together. Beyond it the connections that were not"
                  + " touched for longest become opaque.")
          .define(
              WINDOW,
              ConfigDef.Type.INT,
              256 << 10,
              Range.between(4 << 10, 64 << 20),
              Importance.LOW,
              "Bytes of one direction of one connection that may wait for decoding.")
          .define(
              IN_FLIGHT,
              ConfigDef.Type.INT,
              4096,
              Range.between(1, 1_000_000),
              Importance.LOW,
              "Requests of one connection that may wait for their answers.")
          .define(
              PRIVACY_SQL,
              ConfigDef.Type.BOOLEAN,
              true,
              any("true, false"),
              Importance.HIGH,
              "Literals in SQL become ?.")
          .define(
              PRIVACY_REDIS,
              ConfigDef.Type.BOOLEAN,
              true,
              any("true, false"),
              Importance.HIGH,
              "Arguments of Redis commands that are not keys become ?.")
          .define(
              PRIVACY_URL,
              ConfigDef.Type.BOOLEAN,
              true,
              any("true, false"),
              Importance.HIGH,
              "Values in URL queries become ?.")
          .define(
              SINK_ROWS,
              ConfigDef.Type.INT,
              20_000,
              Range.between(1, 1_000_000),
              Importance.LOW,
              "Rows of one block into ClickHouse, at most.")
          .define(
              SINK_BYTES,
              ConfigDef.Type.INT,
              8 << 20,
              Range.between(1 << 10, 256 << 20),
              Importance.LOW,
              "Bytes of one block into ClickHouse, at most.")
          .define(
              SINK_LINGER,
              ConfigDef.Type.INT,
              250,
              Range.between(0, 60_000),
              Importance.MEDIUM,
              "How long the first row of a block waits for others.");

  /**
   * @throws ConfigException naming the key, what is wrong with it, and what to do
   */
  public ProcessorConfig(Map<String, String> values) {
    super(TABLE, known(values), false);
  }

  private static Map<String, String> known(Map<String, String> values) {
    for (String key : values.keySet()) {
      if (!TABLE.names().contains(key)) {
        throw new ConfigException(
            "unknown configuration key "
                + key
                + "; there are: "
                + String.join(", ", new TreeSet<>(TABLE.names())));
      }
    }
    return values;
  }

  public static ConfigDef table() {
    return new ConfigDef(TABLE);
  }

  private static Validator url() {
    return ConfigDef.LambdaValidator.with(
        (key, value) -> {
          try {
            URI uri = URI.create((String) value);
            if (!("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                || uri.getHost() == null) {
              throw new ConfigException(
                  key, value, "must be http://HOST:PORT or https://HOST:PORT");
            }
          } catch (IllegalArgumentException e) {
            throw new ConfigException(key, value, "is no URL: " + e.getMessage());
          }
        },
        () -> "http(s)://host:port");
  }

  private static Validator name() {
    return ConfigDef.LambdaValidator.with(
        (key, value) -> {
          if (!((String) value).matches("[A-Za-z0-9._-]{1,100}")) {
            throw new ConfigException(
                key, value, "must be 1 to 100 letters, digits, '.', '_' or '-'");
          }
        },
        () -> "letters, digits, '.', '_', '-'");
  }

  private static Validator text() {
    return ConfigDef.LambdaValidator.with(
        (key, value) -> {
          if (((String) value).isBlank()) {
            throw new ConfigException(key, value, "must not be empty");
          }
        },
        () -> "not empty");
  }

  /** For types whose parser is the validator. */
  private static Validator any(String description) {
    return ConfigDef.LambdaValidator.with((key, value) -> {}, () -> description);
  }
}
