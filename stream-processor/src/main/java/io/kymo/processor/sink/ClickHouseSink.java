package io.kymo.processor.sink;

import com.clickhouse.client.api.query.GenericRecord;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes kymo.exchanges, kymo.connections and kymo.collector-stats into their tables, on a thread
 * of its own. ClickHouse away or slow means that reading waits: nothing is dropped. Positions are
 * never committed to Kafka; they are what ClickHouse holds.
 */
public final class ClickHouseSink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClickHouseSink.class);
  private static final long POLL_MS = 50;

  private final SinkConfig config;
  private final SchemaRegistryClient registry;
  private final SinkMetrics metrics;
  private final ClickHouse clickhouse;
  private final Thread thread;
  private final Retry retry = new Retry();
  private final Map<String, RowSource> sources = new HashMap<>(); // by topic
  private final Map<TopicPartition, Block> blocks = new LinkedHashMap<>();
  // of what was read last: what is left of it is read again by whoever has them now
  private final Set<TopicPartition> taken = new HashSet<>();
  private KafkaConsumer<byte[], byte[]> consumer;
  private DeadLetters deadLetters;
  private volatile boolean fatal;

  public ClickHouseSink(SinkConfig config, SchemaRegistryClient registry, SinkMetrics metrics) {
    this.config = config;
    this.registry = registry;
    this.metrics = metrics;
    this.clickhouse = new ClickHouse(config);
    this.thread = new Thread(this::run, "clickhouse-sink");
  }

  public void start() {
    thread.start();
  }

  /** Why rows do not flow now; null when they do. */
  public String problem() {
    return retry.problem();
  }

  /**
   * True when only a person can help (a newer schema, a column that does not fit); {@link
   * #problem()} says why.
   */
  public boolean failed() {
    return fatal;
  }

  private void run() {
    try {
      prepare();
      try (KafkaConsumer<byte[], byte[]> c = consumer();
          DeadLetters letters = new DeadLetters(config.bootstrapServers(), registry)) {
        consumer = c;
        deadLetters = letters;
        consumer.subscribe(
            sources.keySet(),
            new ResumePoints(
                c, clickhouse, topic -> sources.get(topic).table(), this::taken, metrics, retry));
        while (!retry.closing()) {
          step();
        }
        flush(true);
      }
    } catch (WakeupException e) {
      LOG.debug("woken to close");
    } catch (NewerSchemaException | IllegalArgumentException e) {
      fatal = true;
      retry.trouble("ClickHouse sink stopped: " + e.getMessage());
    } catch (RuntimeException e) {
      if (!retry.closing()) {
        fatal = true;
        retry.trouble(String.valueOf(e));
        LOG.error("ClickHouse sink stopped", e);
      }
    } finally {
      clickhouse.close();
    }
  }

  /** Waits until ClickHouse answers, brings its schema up to date, and asks for its columns. */
  private void prepare() throws NewerSchemaException {
    NewerSchemaException newer =
        retry.until(
            "waiting for ClickHouse",
            () -> {
              try {
                new SchemaMigrator(clickhouse).migrate();
              } catch (NewerSchemaException e) {
                return e;
              }
              for (TableMapping mapping : TableMapping.ALL) {
                RowTranscoder transcoder =
                    new RowTranscoder(mapping.schema(), columnTypes(mapping.table()));
                sources.put(mapping.topic(), new RowSource(mapping, registry, transcoder));
              }
              return null;
            });
    if (newer != null) {
      throw newer;
    }
  }

  private Map<String, String> columnTypes(String table) throws IOException {
    Map<String, String> types = new HashMap<>();
    for (GenericRecord row :
        clickhouse.query(
            "SELECT name, type FROM system.columns WHERE database = '"
                + config.database()
                + "' AND table = '"
                + table
                + "'")) {
      types.put(row.getString("name"), row.getString("type"));
    }
    return types;
  }

  /** Reads once, then writes the blocks that are due. */
  private void step() {
    long nowMs = System.currentTimeMillis();
    taken.clear();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(POLL_MS))) {
      append(record, nowMs);
    }
    flush(false);
    if (!consumer.assignment().isEmpty()) {
      retry.works();
    }
  }

  private void append(ConsumerRecord<byte[], byte[]> record, long nowMs) {
    TopicPartition tp = new TopicPartition(record.topic(), record.partition());
    if (taken.contains(tp)) {
      return;
    }
    RowSource source = sources.get(record.topic());
    Boolean row = retry.until("reading " + record.topic(), () -> read(source, record));
    if (row == null || !row) {
      return;
    }
    Block block = blocks.computeIfAbsent(tp, p -> new Block(p.topic(), p.partition()));
    RowTranscoder transcoder = source.transcoder();
    if (!block.accepts(transcoder.time()) || full(block)) {
      write(source, block);
    }
    if (taken.contains(tp)) {
      return;
    }
    block.append(transcoder.row(), transcoder.time(), record.offset(), nowMs);
  }

  /** A partition is taken away; its block is no longer ours to write. */
  private void taken(TopicPartition tp) {
    taken.add(tp);
    Block block = blocks.remove(tp);
    if (block != null) {
      block.clear();
    }
  }

  private boolean full(Block block) {
    return block.rows() >= config.blockRows() || block.size() >= config.blockBytes();
  }

  /** False when the record can never be read: it went to the dead letters. */
  private boolean read(RowSource source, ConsumerRecord<byte[], byte[]> record) throws IOException {
    try {
      source.read(record);
      return true;
    } catch (UnreadableRecordException e) {
      deadLetters.send(record, e);
      metrics.recordUnreadable(record.topic(), e.reason());
      return false;
    }
  }

  private void flush(boolean all) {
    long due = System.currentTimeMillis() - config.lingerMs();
    for (Map.Entry<TopicPartition, Block> e : List.copyOf(blocks.entrySet())) {
      Block block = e.getValue();
      if (block.rows() > 0 && (all || block.openedMs() <= due || full(block))) {
        write(sources.get(e.getKey().topic()), block);
      }
    }
  }

  /**
   * Tries until ClickHouse has the block; meanwhile nothing more is read. Gives up only when
   * closing, or when the partition was taken away.
   */
  private void write(RowSource source, Block block) {
    String table = source.table();
    for (long wait = Retry.shortest(); block.rows() > 0; wait = Retry.longer(wait)) {
      try {
        clickhouse.insert(table, source.transcoder().columns(), block.bytes(), block.token());
        metrics.rowsWritten(table, block.rows());
        metrics.blockWritten(table, block.size());
        block.clear();
        retry.works();
        return;
      } catch (IOException e) {
        if (retry.closing()) {
          block.clear(); // it will be read again
          return;
        }
        metrics.insertRetried(table);
        retry.trouble("insert into " + table + ": " + e.getMessage());
        keepMembership(wait);
      }
    }
  }

  /**
   * Waits while staying in the consumer group; a partition that is taken away empties its block.
   */
  private void keepMembership(long ms) {
    List<TopicPartition> assigned = new ArrayList<>(consumer.assignment());
    consumer.pause(assigned);
    try {
      consumer.poll(Duration.ofMillis(ms));
    } finally {
      assigned.retainAll(consumer.assignment());
      consumer.resume(assigned);
    }
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    Map<String, Object> c = new HashMap<>();
    c.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    c.put(ConsumerConfig.GROUP_ID_CONFIG, config.groupId());
    c.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, config.instanceId());
    c.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    c.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    c.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    c.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
    c.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
    c.put(
        ConsumerConfig.METADATA_MAX_AGE_CONFIG,
        5_000); // topics may be created after the sink starts
    return new KafkaConsumer<>(c, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Stops after writing what was read. */
  @Override
  public void close() {
    retry.close();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
