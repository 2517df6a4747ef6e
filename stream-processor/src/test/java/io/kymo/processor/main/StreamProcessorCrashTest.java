package io.kymo.processor.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.processor.topology.Scene;
import io.kymo.processor.topology.TestBroker;
import io.kymo.processor.topology.TestRegistry;
import io.kymo.processor.topology.TopicSetup;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.ConnectionRecord;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.Role;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.AvroWriter;
import io.kymo.schemas.wire.SchemaIds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real process over a real broker, killed again and again: every exchange is there once, every
 * byte is accounted for.
 */
class StreamProcessorCrashTest {
  private static final int PARTITIONS = 2;
  private static final int CONNECTIONS = 100;
  private static final int KILLS = 10;
  private static final String REQUEST = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final int CUT = 11;

  private final Map<Integer, Scene> scenes = new HashMap<>();
  private volatile boolean enough;
  private volatile int rounds;

  @TempDir Path directory;

  @Test
  @Timeout(value = 6, unit = TimeUnit.MINUTES)
  void killedTenTimesItLosesNothingAndDoublesNothing() throws Exception {
    try (TestBroker broker = new TestBroker(directory.resolve("broker"));
        TestRegistry registry = new TestRegistry(0);
        Admin admin = broker.admin()) {
      new TopicSetup(PARTITIONS, (short) 1, 86_400_000, 86_400_000).create(admin);
      Thread producing = new Thread(() -> produce(broker.bootstrap(), registry.url()));
      producing.start();

      Random random = new Random(7);
      for (int kill = 0; kill < KILLS; kill++) {
        long before = committed(admin);
        Process process = start(broker.bootstrap(), registry.url());
        while (committed(admin) <= before) { // a kill before anything was done would prove nothing
          Thread.sleep(20);
        }
        Thread.sleep(random.nextInt(1_000));
        process.destroyForcibly().waitFor();
        assertThat(committed(admin)).as("what was there to do").isLessThan(end(admin));
      }
      enough = true;
      producing.join();
      Process last = start(broker.bootstrap(), registry.url());
      try {
        while (committed(admin) < end(admin)) {
          Thread.sleep(100);
        }
      } finally {
        last.destroy();
        assertThat(last.waitFor()).isEqualTo(143); // SIGTERM, after an orderly stop
      }
      check(broker.bootstrap(), registry.url());
    }
  }

  private void check(String bootstrap, String registryUrl) throws Exception {
    SchemaRegistryClient registry = SchemaIds.client(registryUrl);
    Map<Long, Integer> times = new HashMap<>();
    List<Exchange> exchanges =
        read(
            bootstrap,
            Topics.EXCHANGES,
            new AvroReader<Exchange>(registry, Exchange.getClassSchema()));
    for (Exchange e : exchanges) {
      assertThat(e.getStatus()).isEqualTo("ok");
      times.merge(e.getExchangeId(), 1, Integer::sum);
    }
    assertThat(times.values()).allMatch(n -> n == 1);
    assertThat(times).hasSize(CONNECTIONS * rounds);

    List<ConnectionRecord> connections =
        read(
            bootstrap,
            Topics.CONNECTIONS,
            new AvroReader<ConnectionRecord>(registry, ConnectionRecord.getClassSchema()));
    List<ConnectionRecord> closed =
        connections.stream().filter(c -> c.getState().equals("closed")).toList();
    assertThat(closed).hasSize(CONNECTIONS);
    assertThat(closed)
        .allSatisfy(
            c -> {
              assertThat(c.getExchanges()).isEqualTo(rounds);
              assertThat(c.getIngressBytes()).isEqualTo((long) rounds * REQUEST.length());
              assertThat(c.getEgressBytes()).isEqualTo((long) rounds * RESPONSE.length());
              assertThat(c.getDecodedBytes()).isEqualTo(c.getIngressBytes() + c.getEgressBytes());
              assertThat(c.getPendingBytes()).isZero();
            });
  }

  /**
   * Each batch ends in the middle of each connection's request, so that no commit finds a
   * connection at rest.
   */
  private void produce(String bootstrap, String registryUrl) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "linger.ms", 5, "compression.type", "lz4"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      AvroWriter<SegmentBatch> writer =
          new AvroWriter<>(
              SegmentBatch.class,
              SchemaIds.register(
                  SchemaIds.client(registryUrl), Topics.SEGMENTS, SegmentBatch.getClassSchema()));
      Future<RecordMetadata> sent = null;
      boolean last = false;
      for (int round = 0; !last; round++) {
        last = enough;
        for (int p = 0; p < PARTITIONS; p++) {
          Scene scene = scenes.computeIfAbsent(p, n -> new Scene("node"));
          for (int c = p; c < CONNECTIONS; c += PARTITIONS) {
            play(scene, c, round, last);
          }
          sent =
              producer.send(
                  new ProducerRecord<>(Topics.SEGMENTS, p, null, writer.write(scene.batch())));
        }
        rounds = round;
        Thread.sleep(20);
      }
      sent.get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void play(Scene scene, int c, int round, boolean last) {
    long in = 1_000 + (long) round * REQUEST.length();
    long out = 5_000 + (long) round * RESPONSE.length();
    long ms = 20L * round;
    if (round == 0) {
      scene.connection(Scene.tcp(c, Role.SERVER, "10.0.0.2", 80, "10.0.0.1", 40_000 + c));
      scene.event(c, ms, ConnectionEventKind.OPENED, in, out);
    } else {
      scene.read(c, ms, in - REQUEST.length() + CUT, REQUEST.substring(CUT));
      scene.written(c, ms + 1, out - RESPONSE.length(), RESPONSE);
    }
    if (!last) {
      scene.read(c, ms + 2, in, REQUEST.substring(0, CUT));
    } else {
      scene.event(c, ms + 3, ConnectionEventKind.CLOSED, in, out);
    }
  }

  private Process start(String bootstrap, String registry) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx192m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            StreamProcessor.class.getName(),
            "kafka.bootstrap.servers=" + bootstrap,
            "schema.registry.url=" + registry,
            "clickhouse.url=http://127.0.0.1:1",
            "http.port=0",
            "partitions=" + PARTITIONS,
            "state.dir=" + Files.createDirectories(directory.resolve("state")))
        .inheritIO()
        .start();
  }

  private static long committed(Admin admin) throws Exception {
    return admin
        .listConsumerGroupOffsets("kymo-stream-processor")
        .partitionsToOffsetAndMetadata()
        .get()
        .values()
        .stream()
        .mapToLong(o -> o == null ? 0 : o.offset())
        .sum();
  }

  private static long end(Admin admin) throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int p = 0; p < PARTITIONS; p++) {
      latest.put(new TopicPartition(Topics.SEGMENTS, p), OffsetSpec.latest());
    }
    return admin.listOffsets(latest).all().get().values().stream().mapToLong(o -> o.offset()).sum();
  }

  private static <T extends SpecificRecordBase> List<T> read(
      String bootstrap, String topic, AvroReader<T> reader) throws Exception {
    List<T> rows = new ArrayList<>();
    Map<String, Object> config =
        Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(200))) {
          rows.add(reader.read(r.value(), null));
        }
      }
    }
    return rows;
  }
}
