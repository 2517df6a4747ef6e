package io.kymo.collector.publish;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.SchemaIds;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The genuine producer, idempotent and with lz4, and the genuine registry client. */
final class KafkaLink implements Link {
  /** Bounds how long a thread may hang in one call while Kafka is away. */
  private static final int CALL_TIMEOUT_MS = 5_000;

  /** A collector with little CPU takes long for the first call: each attempt has more time. */
  private static final int LONGEST_CALL_MS = 40_000;

  private final Map<String, Object> client;
  private final String registryUrl;
  private final int valueBytes;
  private final long bufferBytes;
  private final int partitions;
  private final short replicationFactor;
  private final long retentionMs;

  private SchemaRegistryClient registry;
  private Producer<byte[], byte[]> producer;
  private int callTimeoutMs = CALL_TIMEOUT_MS;

  /**
   * @param client bootstrap servers and further settings of Kafka's clients
   * @param valueBytes what a batch of the capture may have at most
   * @param bufferBytes what the producer may hold until it is acknowledged
   * @param partitions if the topic has to be created, as replicationFactor and retentionMs
   */
  KafkaLink(
      Map<String, Object> client,
      String registryUrl,
      int valueBytes,
      long bufferBytes,
      int partitions,
      short replicationFactor,
      long retentionMs) {
    this.client = Map.copyOf(client);
    this.registryUrl = registryUrl;
    this.valueBytes = valueBytes;
    this.bufferBytes = bufferBytes;
    this.partitions = partitions;
    this.replicationFactor = replicationFactor;
    this.retentionMs = retentionMs;
  }

  @Override
  public Ready open() throws IOException {
    close(Duration.ZERO);
    try {
      createTopic();
      producer = new KafkaProducer<>(producerSettings());
      Ready ready = new Ready(schemaId(), producer.partitionsFor(Topics.SEGMENTS).size());
      callTimeoutMs = CALL_TIMEOUT_MS;
      return ready;
    } catch (KafkaException e) {
      callTimeoutMs = Math.min(2 * callTimeoutMs, LONGEST_CALL_MS);
      throw new IOException("Kafka at " + client.get("bootstrap.servers") + ": " + why(e), e);
    }
  }

  @Override
  public boolean send(int partition, byte[] value, Delivery delivery) throws IOException {
    Outcome outcome = new Outcome(delivery);
    try {
      Future<RecordMetadata> unusedToldByCallback =
          producer.send(new ProducerRecord<>(Topics.SEGMENTS, partition, null, value), outcome);
    } catch (KafkaException | IllegalStateException e) {
      throw new IOException("Kafka's producer: " + why(e), e);
    }
    return !outcome.noRoom;
  }

  @Override
  public void close(Duration timeout) {
    if (producer != null) {
      Producer<byte[], byte[]> closing = producer;
      producer = null;
      closing.close(timeout);
    }
  }

  private int schemaId() throws IOException {
    if (registry == null) {
      registry = SchemaIds.client(registryUrl);
    }
    try {
      return SchemaIds.register(registry, Topics.SEGMENTS, SegmentBatch.getClassSchema());
    } catch (IOException e) {
      throw new IOException("Schema registry at " + registryUrl + ": " + e.getMessage(), e);
    }
  }

  /** Whoever comes first creates it, with the same settings. */
  private void createTopic() {
    Map<String, Object> settings = new TreeMap<>(client);
    settings.put("request.timeout.ms", callTimeoutMs);
    settings.put("default.api.timeout.ms", callTimeoutMs);
    NewTopic topic =
        new NewTopic(Topics.SEGMENTS, partitions, replicationFactor)
            .configs(Topics.settings(retentionMs));
    try (Admin admin = Admin.create(settings)) {
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new KafkaException(why(e.getCause()), e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  private Map<String, Object> producerSettings() {
    Map<String, Object> settings = new TreeMap<>(client);
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    settings.putIfAbsent("compression.type", "lz4");
    settings.putIfAbsent("linger.ms", 5);
    // the producer keeps buffers of this size and uses them anew; others it leaves to the garbage
    // collector
    settings.putIfAbsent("batch.size", valueBytes);
    settings.putIfAbsent("client.id", "kymo-node-collector");
    settings.put("enable.idempotence", true);
    settings.put("acks", "all");
    settings.put("buffer.memory", bufferBytes);
    settings.put("max.block.ms", CALL_TIMEOUT_MS); // blocks the publishing thread only
    // a batch waits for Kafka as long as it takes: memory is bounded by buffer.memory
    settings.put("delivery.timeout.ms", Integer.MAX_VALUE);
    return settings;
  }

  private static String why(Throwable e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /**
   * Kafka tells a missing place in its buffer through the callback too, but on the thread that
   * sends, before send returns.
   */
  private static final class Outcome implements Callback {
    private final Delivery delivery;
    private final Thread sender = Thread.currentThread();
    private boolean noRoom;

    Outcome(Delivery delivery) {
      this.delivery = delivery;
    }

    @Override
    public void onCompletion(RecordMetadata metadata, Exception exception) {
      if (exception instanceof TimeoutException && Thread.currentThread() == sender) {
        noRoom = true;
      } else {
        delivery.done(exception);
      }
    }
  }
}
