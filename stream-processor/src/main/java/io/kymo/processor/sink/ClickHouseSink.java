package io.kymo.processor.sink;

import com.clickhouse.client.api.query.GenericRecord;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.schemas.DeadLetter;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.AvroWriter;
import io.kymo.schemas.wire.SchemaIds;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
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
  private static final long BACKOFF_MIN_MS = 100;
  private static final long BACKOFF_MAX_MS = 5_000;

  private final SinkConfig config;
  private final SchemaRegistryClient registry;
  private final SinkMetrics metrics;
  private final ClickHouse clickhouse;
  private final Thread thread;
  private final Map<String, RowEncoder> encoders = new HashMap<>();
  private final Map<String, AvroReader<SpecificRecordBase>> readers = new HashMap<>();
  private final Map<String, TableMapping> mappings = new HashMap<>();
  private final Map<TopicPartition, Block> blocks = new LinkedHashMap<>();
  private KafkaConsumer<byte[], byte[]> consumer;
  private KafkaProducer<byte[], byte[]> deadLetters;
  private AvroWriter<DeadLetter> deadLetterWriter;
  private volatile boolean closing;
  private volatile String problem = "starting";
  private volatile boolean fatal;

  public ClickHouseSink(SinkConfig config, SchemaRegistryClient registry, SinkMetrics metrics) {
    this.config = config;
    this.registry = registry;
    this.metrics = metrics;
    this.clickhouse = new ClickHouse(config);
    this.thread = new Thread(this::run, "clickhouse-sink");
    for (TableMapping mapping : TableMapping.ALL) {
      mappings.put(mapping.topic(), mapping);
      readers.put(mapping.topic(), new AvroReader<>(registry, mapping.schema()));
    }
  }

  public void start() {
    thread.start();
  }

  /** Why rows do not flow now; null when they do. */
  public String problem() {
    return problem;
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
          KafkaProducer<byte[], byte[]> p = producer()) {
        consumer = c;
        deadLetters = p;
        consumer.subscribe(mappings.keySet(), new Assignment());
        while (!closing) {
          step();
        }
        flush(true);
      }
    } catch (WakeupException e) {
      LOG.debug("woken to close");
    } catch (NewerSchemaException | IllegalArgumentException e) {
      fatal = true;
      problem = e.getMessage();
      LOG.error("ClickHouse sink stopped: {}", e.getMessage());
    } catch (RuntimeException e) {
      if (!closing) {
        fatal = true;
        problem = String.valueOf(e);
        LOG.error("ClickHouse sink stopped", e);
      }
    } finally {
      clickhouse.close();
    }
  }

  /** Waits until ClickHouse and the registry answer, then brings the schema up to date. */
  private void prepare() throws NewerSchemaException {
    for (long backoff = BACKOFF_MIN_MS; !closing; backoff = Math.min(BACKOFF_MAX_MS, backoff * 2)) {
      try {
        new SchemaMigrator(clickhouse).migrate();
        for (TableMapping mapping : TableMapping.ALL) {
          encoders.put(
              mapping.topic(), new RowEncoder(mapping.schema(), columnTypes(mapping.table())));
        }
        deadLetterWriter =
            new AvroWriter<>(
                DeadLetter.class,
                SchemaIds.register(registry, Topics.DEAD_LETTERS, DeadLetter.getClassSchema()));
        return;
      } catch (IOException e) {
        trouble("waiting for ClickHouse and the schema registry: " + e.getMessage());
        pause(backoff);
      }
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
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(POLL_MS))) {
      append(record, nowMs);
    }
    flush(false);
    if (problem != null && !consumer.assignment().isEmpty()) {
      problem = null;
    }
  }

  private void append(ConsumerRecord<byte[], byte[]> record, long nowMs) {
    TopicPartition tp = new TopicPartition(record.topic(), record.partition());
    for (long backoff = BACKOFF_MIN_MS; !closing; backoff = Math.min(BACKOFF_MAX_MS, backoff * 2)) {
      try {
        SpecificRecordBase row = readers.get(record.topic()).read(record.value(), null);
        long time = (Long) row.get(row.getSchema().getField("time").pos());
        Block block = blocks.computeIfAbsent(tp, this::block);
        if (!block.accepts(time)
            || block.rows() >= config.blockRows()
            || block.size() >= config.blockBytes()) {
          write(tp, block);
        }
        block.append(row, time, record.offset(), nowMs);
        return;
      } catch (UnreadableRecordException e) {
        deadLetter(record, e);
        return;
      } catch (IOException e) {
        trouble(e.getMessage());
        pause(backoff);
      }
    }
  }

  private Block block(TopicPartition tp) {
    return new Block(encoders.get(tp.topic()), tp.topic(), tp.partition());
  }

  private void deadLetter(ConsumerRecord<byte[], byte[]> record, UnreadableRecordException e) {
    metrics.recordUnreadable(record.topic(), e.reason());
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setTime(TimeUnit.MILLISECONDS.toNanos(record.timestamp()))
            .setTopic(record.topic())
            .setPartition(record.partition())
            .setOffset(record.offset())
            .setReason(e.reason())
            .setDetail(String.valueOf(e.getMessage()))
            .setValue(ByteBuffer.wrap(record.value() == null ? new byte[0] : record.value()))
            .build();
    ProducerRecord<byte[], byte[]> out =
        new ProducerRecord<>(Topics.DEAD_LETTERS, deadLetterWriter.write(letter));
    for (long backoff = BACKOFF_MIN_MS; !closing; backoff = Math.min(BACKOFF_MAX_MS, backoff * 2)) {
      try {
        deadLetters.send(out).get(); // rare, and must not be lost
        return;
      } catch (ExecutionException failed) {
        trouble("writing to " + Topics.DEAD_LETTERS + ": " + failed.getCause());
        pause(backoff);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void flush(boolean all) {
    long due = System.currentTimeMillis() - config.lingerMs();
    for (Map.Entry<TopicPartition, Block> e : List.copyOf(blocks.entrySet())) {
      Block block = e.getValue();
      if (block.rows() > 0
          && (all
              || block.openedMs() <= due
              || block.rows() >= config.blockRows()
              || block.size() >= config.blockBytes())) {
        write(e.getKey(), block);
      }
    }
  }

  /**
   * Tries until ClickHouse has the block; meanwhile nothing more is read. Gives up only when
   * closing, or when the partition was taken away.
   */
  private void write(TopicPartition tp, Block block) {
    String table = mappings.get(tp.topic()).table();
    for (long backoff = BACKOFF_MIN_MS;
        block.rows() > 0;
        backoff = Math.min(BACKOFF_MAX_MS, backoff * 2)) {
      try {
        clickhouse.insert(table, block.encoder().columns(), block.bytes(), block.token());
        metrics.rowsWritten(table, block.rows());
        metrics.blockWritten(table, block.size());
        block.clear();
        problem = null;
        return;
      } catch (IOException e) {
        if (closing) {
          block.clear(); // it will be read again
          return;
        }
        metrics.insertRetried(table);
        trouble("insert into " + table + ": " + e.getMessage());
        keepMembership(backoff);
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

  private void trouble(String text) {
    if (!text.equals(problem)) {
      LOG.warn("{}", text);
    }
    problem = text;
  }

  private static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers()),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  /** Stops after writing what was read. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(20));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Positions come from ClickHouse whenever partitions are assigned. */
  private final class Assignment implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      for (TopicPartition tp : partitions) {
        Block block = blocks.remove(tp);
        if (block != null) {
          block.clear();
        }
      }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
      for (TopicPartition tp : partitions) {
        consumer.seek(tp, start(tp, begin.getOrDefault(tp, 0L), end.getOrDefault(tp, 0L)));
      }
    }

    private long start(TopicPartition tp, long begin, long end) {
      OptionalLong held = highestOffset(tp);
      long next = held.isPresent() ? held.getAsLong() + 1 : begin;
      if (next > end) {
        LOG.warn(
            "{} was created anew: ClickHouse holds offsets up to {}, Kafka ends at {}",
            tp,
            next - 1,
            end);
        return begin;
      }
      if (next < begin) {
        metrics.recordsExpired(tp.topic(), begin - next);
        LOG.warn(
            "{}: {} records were deleted by Kafka's retention before they were written",
            tp,
            begin - next);
        return begin;
      }
      return next;
    }

    private OptionalLong highestOffset(TopicPartition tp) {
      String sql =
          "SELECT max(kafka_offset) AS offset, count() AS rows FROM "
              + config.database()
              + "."
              + mappings.get(tp.topic()).table()
              + " WHERE kafka_partition = "
              + tp.partition();
      for (long backoff = BACKOFF_MIN_MS; ; backoff = Math.min(BACKOFF_MAX_MS, backoff * 2)) {
        try {
          GenericRecord row = clickhouse.query(sql).get(0);
          return row.getLong("rows") == 0
              ? OptionalLong.empty()
              : OptionalLong.of(row.getLong("offset"));
        } catch (IOException e) {
          if (closing) {
            throw new WakeupException();
          }
          trouble("asking ClickHouse where to resume: " + e.getMessage());
          pause(backoff);
        }
      }
    }
  }
}
