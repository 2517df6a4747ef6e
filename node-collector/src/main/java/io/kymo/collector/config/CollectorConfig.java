package io.kymo.collector.config;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LIST;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.ConfigDef.Type.SHORT;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;
import static org.apache.kafka.common.config.ConfigDef.ValidString.in;

import io.kymo.collector.driver.Scope;
import io.kymo.collector.driver.ebpf.EbpfOptions;
import io.kymo.collector.driver.ebpf.Transport;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Everything about the collector that can be configured. */
public final class CollectorConfig extends AbstractConfig {
  public static final String NODE_NAME = "node.name";
  private static final String NODE_NAME_DOC =
      "Name of this node in every row. Empty: the host's name.";

  public static final String HTTP_PORT = "http.port";
  private static final String HTTP_PORT_DOC =
      "Port on 127.0.0.1 for /health and /metrics; 0 takes a free one and logs it.";

  public static final String PROC_PATH = "proc.path";
  private static final String PROC_PATH_DOC =
      "Where the host's proc file system is mounted. The pids in it must be those of the host.";

  public static final String STATE_DIR = "state.dir";
  private static final String STATE_DIR_DOC =
      "Directory of a small file that tells the next start how much this one lost. Empty: none,"
          + " what is lost at the end stands in the log only.";

  public static final String CAPTURE_DRIVER = "capture.driver";
  private static final String CAPTURE_DRIVER_DOC =
      "How connections are observed. Several, with commas between them: the first that is usable."
          + " auto is ebpf,kmod.";

  public static final String CAPTURE_MODULE = "capture.module";
  private static final String CAPTURE_MODULE_DOC =
      "Path of the kernel module kymo.ko, for the driver kmod. Empty: the one that is installed for"
          + " the running kernel (make -C bpf/kmod dkms-install).";

  public static final String CAPTURE_ONLY = "capture.only";
  private static final String CAPTURE_ONLY_DOC =
      "Captures only what matches, decided in the kernel: netns:PATH, cgroup:PATH, pid:N (with its"
          + " children), comm:NAME, port:N. Of one kind any must match, of several kinds all."
          + " Empty: everything on the node.";

  public static final String CAPTURE_EXCLUDE_PORTS = "capture.exclude.ports";
  private static final String CAPTURE_EXCLUDE_PORTS_DOC =
      "Ports never captured, on any address: those of Kymo's own broker, registry and database where"
          + " they run elsewhere. A port that capture.only names is captured nevertheless.";

  public static final String CAPTURE_EXCLUDE_OWN_PORTS = "capture.exclude.own.ports";
  private static final String CAPTURE_EXCLUDE_OWN_PORTS_DOC =
      "Ports not captured at 127.0.0.1 in the collector's own network namespace: those of Kymo's"
          + " servers beside it. On other addresses and in other namespaces they are anybody's.";

  public static final String CAPTURE_TLS = "capture.tls";
  private static final String CAPTURE_TLS_DOC =
      "auto: what programs hand to OpenSSL, BoringSSL, GnuTLS and Go's crypto/tls is captured in"
          + " plaintext, too. off: of TLS only the handshake is seen.";

  public static final String CAPTURE_PAYLOAD_BYTES = "capture.payload.bytes";
  private static final String CAPTURE_PAYLOAD_BYTES_DOC =
      "Payload kept of what a connection carries in one direction until the direction turns."
          + " What lies beyond is counted by its size.";

  public static final String CAPTURE_RING_BYTES = "capture.ring.bytes";
  private static final String CAPTURE_RING_BYTES_DOC =
      "Size of the buffer between kernel and collector; a power of two. It has to last while the"
          + " collector waits for a processor: at 200 MB/s of traffic 32 MiB are 160 ms.";

  public static final String CAPTURE_TRANSPORT = "capture.transport";
  private static final String CAPTURE_TRANSPORT_DOC =
      "How the driver ebpf brings events out of the kernel. auto: ringbuf, or perfbuf where the kernel"
          + " has no ring buffer.";

  public static final String CAPTURE_BTF = "capture.btf";
  private static final String CAPTURE_BTF_DOC =
      "File that describes the kernel's types (BTF), for kernels built without it. Empty: the"
          + " kernel's own.";

  public static final String CAPTURE_POLL_EVENTS = "capture.poll.events";
  private static final String CAPTURE_POLL_EVENTS_DOC =
      "Most events taken from the kernel before time and batches are looked at again.";

  public static final String CONNECTIONS_MAX = "connections.max";
  private static final String CONNECTIONS_MAX_DOC =
      "Connections known at a time. Beyond it the one idle for long is forgotten, and counted.";

  public static final String PROCESSES_MAX = "processes.max";
  private static final String PROCESSES_MAX_DOC =
      "Processes known at a time, exited ones included.";

  public static final String UDP_IDLE_MS = "udp.idle.ms";
  private static final String UDP_IDLE_MS_DOC =
      "A datagram conversation without traffic for so long is over.";

  public static final String BATCH_MAX_BYTES = "batch.max.bytes";
  private static final String BATCH_MAX_BYTES_DOC = "A batch is published when it is this large.";

  public static final String BATCH_LINGER_MS = "batch.linger.ms";
  private static final String BATCH_LINGER_MS_DOC =
      "A batch is published when its first event has waited so long.";

  public static final String STATS_INTERVAL_MS = "stats.interval.ms";
  private static final String STATS_INTERVAL_MS_DOC =
      "Each partition gets a batch this often even when nothing happens, so that counters and loss"
          + " become visible.";

  public static final String PUBLISH_QUEUE_BYTES = "publish.queue.bytes";
  private static final String PUBLISH_QUEUE_BYTES_DOC =
      "Batches that wait for Kafka or for the schema registry. Beyond it they are dropped, and"
          + " counted.";

  public static final String PUBLISH_PRODUCER_BYTES = "publish.producer.bytes";
  private static final String PUBLISH_PRODUCER_BYTES_DOC =
      "Compressed batches that Kafka has not acknowledged yet, in addition to publish.queue.bytes.";

  public static final String KAFKA_BOOTSTRAP_SERVERS = "kafka.bootstrap.servers";
  private static final String KAFKA_BOOTSTRAP_SERVERS_DOC =
      "Brokers to begin with, HOST:PORT. Every other setting of Kafka's producer can be given too,"
          + " with kafka. before its name, for example kafka.security.protocol.";

  public static final String SCHEMA_REGISTRY_URL = "schema.registry.url";
  private static final String SCHEMA_REGISTRY_URL_DOC =
      "Base URLs of the schema registry (Confluent's interface).";

  public static final String PARTITIONS = "partitions";
  private static final String PARTITIONS_DOC =
      "Partitions of kymo.segments when the collector has to create it; an existing topic keeps"
          + " its own number.";

  public static final String REPLICATION_FACTOR = "replication.factor";
  private static final String REPLICATION_FACTOR_DOC =
      "Replicas of kymo.segments when the collector has to create it.";

  public static final String SEGMENTS_RETENTION_MS = "segments.retention.ms";
  private static final String SEGMENTS_RETENTION_MS_DOC =
      "How long Kafka keeps raw segments when the collector has to create their topic.";

  private static final String KAFKA_PREFIX = "kafka.";

  static final ConfigDef DEFINITION =
      new ConfigDef()
          .define(NODE_NAME, STRING, "", Validators.NAME, HIGH, NODE_NAME_DOC)
          .define(
              KAFKA_BOOTSTRAP_SERVERS,
              LIST,
              "127.0.0.1:9092",
              Validators.SERVERS,
              HIGH,
              KAFKA_BOOTSTRAP_SERVERS_DOC)
          .define(
              SCHEMA_REGISTRY_URL,
              LIST,
              "http://127.0.0.1:8081",
              Validators.URLS,
              HIGH,
              SCHEMA_REGISTRY_URL_DOC)
          .define(HTTP_PORT, INT, 9465, between(0, 65_535), HIGH, HTTP_PORT_DOC)
          .define(CAPTURE_DRIVER, STRING, "auto", Validators.DRIVER, HIGH, CAPTURE_DRIVER_DOC)
          .define(CAPTURE_MODULE, STRING, "", Validators.PATH_OR_EMPTY, LOW, CAPTURE_MODULE_DOC)
          .define(CAPTURE_ONLY, LIST, "", Validators.FILTER, HIGH, CAPTURE_ONLY_DOC)
          .define(
              CAPTURE_EXCLUDE_PORTS, LIST, "", Validators.PORTS, HIGH, CAPTURE_EXCLUDE_PORTS_DOC)
          .define(
              CAPTURE_EXCLUDE_OWN_PORTS,
              LIST,
              "",
              Validators.PORTS,
              HIGH,
              CAPTURE_EXCLUDE_OWN_PORTS_DOC)
          .define(CAPTURE_TLS, STRING, "auto", in("auto", "off"), HIGH, CAPTURE_TLS_DOC)
          .define(
              CAPTURE_PAYLOAD_BYTES,
              INT,
              64 << 10,
              between(0, 16 << 20),
              MEDIUM,
              CAPTURE_PAYLOAD_BYTES_DOC)
          .define(
              CAPTURE_RING_BYTES,
              INT,
              32 << 20,
              Validators.POWER_OF_TWO,
              MEDIUM,
              CAPTURE_RING_BYTES_DOC)
          .define(
              CAPTURE_TRANSPORT,
              STRING,
              "auto",
              ConfigDef.ValidString.in("auto", "ringbuf", "perfbuf"),
              LOW,
              CAPTURE_TRANSPORT_DOC)
          .define(CAPTURE_BTF, STRING, "", Validators.PATH_OR_EMPTY, LOW, CAPTURE_BTF_DOC)
          .define(CAPTURE_POLL_EVENTS, INT, 1024, between(1, 1 << 20), LOW, CAPTURE_POLL_EVENTS_DOC)
          .define(CONNECTIONS_MAX, INT, 65_536, between(16, 1 << 22), MEDIUM, CONNECTIONS_MAX_DOC)
          .define(PROCESSES_MAX, INT, 8192, between(16, 1 << 22), LOW, PROCESSES_MAX_DOC)
          .define(UDP_IDLE_MS, LONG, 60_000L, between(100, 86_400_000), LOW, UDP_IDLE_MS_DOC)
          .define(
              BATCH_MAX_BYTES,
              INT,
              256 << 10,
              between(4 << 10, 512 << 10),
              LOW,
              BATCH_MAX_BYTES_DOC)
          .define(BATCH_LINGER_MS, LONG, 20L, between(0, 10_000), MEDIUM, BATCH_LINGER_MS_DOC)
          .define(
              STATS_INTERVAL_MS, LONG, 10_000L, between(100, 3_600_000), LOW, STATS_INTERVAL_MS_DOC)
          .define(
              PUBLISH_QUEUE_BYTES,
              LONG,
              16L << 20,
              between(1 << 20, 1 << 30),
              MEDIUM,
              PUBLISH_QUEUE_BYTES_DOC)
          .define(
              PUBLISH_PRODUCER_BYTES,
              LONG,
              8L << 20,
              between(4 << 20, 1 << 30),
              MEDIUM,
              PUBLISH_PRODUCER_BYTES_DOC)
          .define(PARTITIONS, INT, 4, between(1, 10_000), MEDIUM, PARTITIONS_DOC)
          .define(
              REPLICATION_FACTOR, SHORT, (short) 1, between(1, 100), MEDIUM, REPLICATION_FACTOR_DOC)
          .define(
              SEGMENTS_RETENTION_MS,
              LONG,
              86_400_000L,
              atLeast(60_000),
              MEDIUM,
              SEGMENTS_RETENTION_MS_DOC)
          .define(STATE_DIR, STRING, "", Validators.PATH_OR_EMPTY, LOW, STATE_DIR_DOC)
          .define(PROC_PATH, STRING, "/proc", Validators.PATH, LOW, PROC_PATH_DOC);

  /**
   * @throws ConfigException with one line that says what to change
   */
  public CollectorConfig(Map<String, String> values) {
    super(DEFINITION, values, false);
    Set<String> unknown = new TreeSet<>(values.keySet());
    unknown.removeAll(DEFINITION.names());
    unknown.removeIf(key -> key.startsWith(KAFKA_PREFIX));
    if (!unknown.isEmpty()) {
      throw new ConfigException(
          "Unknown configuration "
              + unknown
              + ": see docs/configuration-collector.md for all keys");
    }
  }

  /** What is captured, with the ports that are left out. */
  public Scope scope() {
    return Scope.parse(getList(CAPTURE_ONLY), ports(CAPTURE_EXCLUDE_PORTS))
        .withoutOwn(ports(CAPTURE_EXCLUDE_OWN_PORTS));
  }

  private Set<Integer> ports(String key) {
    Set<Integer> ports = new TreeSet<>();
    for (String port : getList(key)) {
      ports.add(Integer.valueOf(port));
    }
    return ports;
  }

  /** What only the eBPF driver is told. */
  public EbpfOptions ebpf() {
    String btf = getString(CAPTURE_BTF);
    return new EbpfOptions(
        Transport.valueOf(getString(CAPTURE_TRANSPORT).toUpperCase(Locale.ROOT)),
        btf.isEmpty() ? null : Path.of(btf));
  }

  /** What stands behind the prefix {@code kafka.}: bootstrap servers and settings passed on. */
  public Map<String, Object> kafkaClient() {
    Map<String, Object> settings = new TreeMap<>(originalsWithPrefix(KAFKA_PREFIX));
    settings.put("bootstrap.servers", getList(KAFKA_BOOTSTRAP_SERVERS));
    return settings;
  }
}
