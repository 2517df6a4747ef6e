package io.kymo.stack.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.stack.ServerProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerMainTest {
  private static final String TOPIC = "t";
  private static final int HEAP_MB = 256;

  @TempDir Path directory;

  @Test
  void whatWasAcknowledgedSurvivesKillAndANewPort() throws Exception {
    int port = ServerProcess.freePort();
    try (ServerProcess broker = start(port)) {
      awaitReady(broker, port);
      try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", at(port)))) {
        admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
      }
      produce(port, "tx-1", 1_000);
      broker.kill();
    }
    int other = ServerProcess.freePort();
    try (ServerProcess broker = start(other)) {
      awaitReady(broker, other);
      produce(other, "tx-1", 10);
      assertThat(consume(other, 1_010)).startsWith("0", "1").endsWith("8", "9").hasSize(1_010);
      assertThat(broker.terminate()).isEqualTo(143);
      assertThat(broker.log()).doesNotContain("ERROR");
    }
  }

  @Test
  void aTakenPortIsOneLineAndExit2() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerProcess broker = start(taken.getLocalPort())) {
      assertThat(broker.exit()).isEqualTo(2);
      assertThat(broker.log().lines())
          .singleElement()
          .asString()
          .contains("port " + taken.getLocalPort(), "kafka.port=PORT");
    }
  }

  @Test
  void aDirectoryInUseIsOneLineAndExit2() throws Exception {
    int port = ServerProcess.freePort();
    try (ServerProcess broker = start(port)) {
      awaitReady(broker, port);
      Path log = directory.resolve("second.log");
      try (ServerProcess second = start(log, ServerProcess.freePort())) {
        assertThat(second.exit()).isEqualTo(2);
        assertThat(second.log().lines()).singleElement().asString().contains("in use by another");
      }
    }
  }

  private ServerProcess start(int port) throws Exception {
    return start(directory.resolve("log"), port);
  }

  private ServerProcess start(Path log, int port) throws Exception {
    return ServerProcess.java(
        log,
        BrokerMain.class,
        HEAP_MB,
        "data.dir=" + directory.resolve("data"),
        "kafka.port=" + port,
        "controller.port=" + ServerProcess.freePort());
  }

  private static void awaitReady(ServerProcess broker, int port) throws Exception {
    broker.await(() -> broker.log().contains("broker: ready on " + at(port)));
    assertThat(BrokerProbe.ready(at(port), Duration.ofSeconds(10))).isTrue();
  }

  private static void produce(int port, String transaction, int records) throws Exception {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", at(port), "transactional.id", transaction);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < records; i++) {
        sent.add(producer.send(new ProducerRecord<>(TOPIC, String.valueOf(i))));
      }
      producer.commitTransaction();
      assertThat(sent).allMatch(Future::isDone);
    }
  }

  private static List<String> consume(int port, int expected) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", at(port), "isolation.level", "read_committed");
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(TOPIC, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      for (int i = 0; i < 60 && values.size() < expected; i++) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
          values.add(record.value());
        }
      }
    }
    return values;
  }

  private static String at(int port) {
    return "127.0.0.1:" + port;
  }
}
