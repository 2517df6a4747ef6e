package io.kymo.processor.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real broker, a process that is halted again and again, and sums that must come out exact. */
class DirtyHeapStoreCrashTest {
  private static final int PARTITIONS = 2;
  private static final int KEYS = 500;
  private static final int NUMBERS = 4_000_000;
  private static final int HALTS = 5;

  @TempDir Path directory;

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void sumsAreExactAfterHaltsAtRandomMoments() throws Exception {
    try (TestBroker broker = new TestBroker(directory.resolve("broker"));
        Admin admin = broker.admin()) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(SummingApplication.INPUT, PARTITIONS, (short) 1),
                  new NewTopic(SummingApplication.OUTPUT, PARTITIONS, (short) 1)))
          .all()
          .get();
      long[][] expected = produce(broker.bootstrap());

      Random random = new Random(42);
      int midway = 0;
      for (int life = 0; !consumed(admin); life++) {
        long before = committed(admin);
        if (life < HALTS) {
          haltMidway(broker.bootstrap(), admin, random.nextInt(200));
        } else {
          run(broker.bootstrap(), 8_000);
        }
        if (committed(admin) > before && !consumed(admin)) {
          midway++;
        }
      }
      // halts that hit an idle or finished process would prove nothing
      assertThat(midway).isGreaterThanOrEqualTo(2);

      Map<Long, long[]> sums = new HashMap<>();
      List<ConsumerRecord<byte[], byte[]>> log =
          read(
              broker.bootstrap(),
              SummingApplication.ID + "-" + SummingApplication.STORE + "-changelog");
      SummingApplication.Codec codec = new SummingApplication.Codec();
      for (ConsumerRecord<byte[], byte[]> r : log) {
        sums.put(codec.key(r.key()), codec.value(r.value()));
      }
      assertThat(sums).hasSize(KEYS);
      for (int key = 0; key < KEYS; key++) {
        assertThat(sums.get((long) key)).as("key %d", key).containsExactly(expected[key]);
      }
      assertThat(read(broker.bootstrap(), SummingApplication.OUTPUT)).hasSize(NUMBERS / 64);
    }
  }

  private static long[][] produce(String bootstrap) throws Exception {
    long[][] expected = new long[KEYS][2];
    Map<String, Object> config =
        Map.of("bootstrap.servers", bootstrap, "linger.ms", 20, "compression.type", "lz4");
    try (KafkaProducer<Long, Long> producer =
        new KafkaProducer<>(config, new LongSerializer(), new LongSerializer())) {
      Future<RecordMetadata> sent = null;
      for (long n = 0; n < NUMBERS; n++) {
        long key = n % KEYS;
        expected[(int) key][0] += n;
        expected[(int) key][1]++;
        sent =
            producer.send(
                new ProducerRecord<>(SummingApplication.INPUT, (int) (key % PARTITIONS), key, n));
      }
      sent.get();
    }
    return expected;
  }

  /** Kills it a moment after it got further. */
  private void haltMidway(String bootstrap, Admin admin, int momentMs) throws Exception {
    long before = committed(admin);
    Process process = start(bootstrap, 120_000);
    try {
      while (process.isAlive() && committed(admin) == before) {
        Thread.sleep(5);
      }
      Thread.sleep(momentMs);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private void run(String bootstrap, long lifeMs) throws IOException, InterruptedException {
    Process process = start(bootstrap, lifeMs);
    try {
      assertThat(process.waitFor()).isEqualTo(9);
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(String bootstrap, long lifeMs) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            SummingApplication.class.getName(),
            bootstrap,
            Files.createDirectories(directory.resolve("state")).toString(),
            Long.toString(lifeMs));
    return new ProcessBuilder(command).inheritIO().start();
  }

  private static long committed(Admin admin) throws Exception {
    return admin
        .listConsumerGroupOffsets(SummingApplication.ID)
        .partitionsToOffsetAndMetadata()
        .get()
        .values()
        .stream()
        .mapToLong(o -> o == null ? 0 : o.offset())
        .sum();
  }

  private static boolean consumed(Admin admin) throws Exception {
    return committed(admin) == NUMBERS;
  }

  private static List<ConsumerRecord<byte[], byte[]>> read(String bootstrap, String topic)
      throws Exception {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    Map<String, Object> config =
        Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed");
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      List<TopicPartition> partitions = new ArrayList<>();
      Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
      for (int p = 0; p < PARTITIONS; p++) {
        partitions.add(new TopicPartition(topic, p));
        latest.put(new TopicPartition(topic, p), OffsetSpec.latest());
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo>
          ends = admin.listOffsets(latest).all().get();
      while (ends.entrySet().stream()
          .anyMatch(e -> consumer.position(e.getKey()) < e.getValue().offset())) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }
}
