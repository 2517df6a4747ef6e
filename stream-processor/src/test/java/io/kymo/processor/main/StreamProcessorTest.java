package io.kymo.processor.main;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.processor.config.ProcessorConfig;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.processor.topology.Scene;
import io.kymo.processor.topology.TestBroker;
import io.kymo.processor.topology.TestRegistry;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.Role;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.AvroWriter;
import io.kymo.schemas.wire.SchemaIds;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The process over a real broker: what it waits for, what it says of itself, and that a quiet
 * system's requests time out.
 */
class StreamProcessorTest {
  private static final String REQUEST = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

  @TempDir Path directory;

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void waitsForItsServersThenTimesQuietRequestsOut() throws Exception {
    int registryPort = freePort();
    try (TestBroker broker = new TestBroker(directory.resolve("broker"));
        StreamProcessor processor =
            new StreamProcessor(
                new ProcessorConfig(
                    Map.of(
                        ProcessorConfig.KAFKA, broker.bootstrap(),
                        ProcessorConfig.REGISTRY, "http://127.0.0.1:" + registryPort,
                        ProcessorConfig.CLICKHOUSE_URL, "http://127.0.0.1:1",
                        ProcessorConfig.HTTP_PORT, "0",
                        ProcessorConfig.PARTITIONS, "2",
                        ProcessorConfig.PAIRING_TIMEOUT, "500",
                        ProcessorConfig.STATE_DIR, directory.resolve("state").toString())))) {
      Thread starting = new Thread(() -> start(processor));
      starting.start();
      awaitHealth(processor, "waiting for the schema registry");
      try (TestRegistry registry = new TestRegistry(registryPort)) {
        starting.join();
        awaitHealth(processor, "ClickHouse");
        produce(broker.bootstrap(), registry.url());
        while (processor.metrics().total(ProcessorCounter.TIMEOUTS) == 0) {
          Thread.sleep(50);
        }
      }
      assertThat(get(processor, "/metrics").body())
          .contains("kymo_exchanges_total{protocol=\"http\"} 1");
      assertThat(get(processor, "/accounting").body())
          .contains("\"decoded_bytes\":" + REQUEST.length());
    }
  }

  private static void start(StreamProcessor processor) {
    try {
      processor.start();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitHealth(StreamProcessor processor, String reason) throws Exception {
    HttpResponse<String> health;
    do {
      Thread.sleep(50);
      health = get(processor, "/health");
      assertThat(health.statusCode()).isEqualTo(503);
    } while (!health.body().contains(reason));
  }

  private static HttpResponse<String> get(StreamProcessor processor, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + processor.port() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  /** A request without an answer, and nothing after it. */
  private static void produce(String bootstrap, String registry) throws Exception {
    int id =
        SchemaIds.register(
            SchemaIds.client(registry), Topics.SEGMENTS, SegmentBatch.getClassSchema());
    Scene scene =
        new Scene("b")
            .connection(Scene.tcp(7, Role.SERVER, "10.0.0.2", 80, "10.0.0.1", 40_000))
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      byte[] value = new AvroWriter<>(SegmentBatch.class, id).write(scene.batch());
      producer.send(new ProducerRecord<>(Topics.SEGMENTS, value)).get();
    }
  }

  private static int freePort() throws Exception {
    try (ServerSocket s = new ServerSocket(0)) {
      return s.getLocalPort();
    }
  }
}
