package io.kymo.collector.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StatusServerTest {
  private static final Path PAGE = Path.of("../docs/counters-collector.md");

  private final Counters counters = new Counters();
  private String problem;
  private StatusServer server;

  @BeforeEach
  void start() throws Exception {
    Health health = new Health().with("capture", () -> null).with("kafka", () -> problem);
    server = new StatusServer(0, counters, health);
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void upWhenNoPartHasAProblem() throws Exception {
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(get("/health").body()).isEqualTo("{\"status\":\"up\"}\n");
  }

  @Test
  void downWithTheReason() throws Exception {
    problem = "no \"broker\" at a\\b\n";

    assertThat(get("/health").statusCode()).isEqualTo(503);
    assertThat(get("/health").body())
        .isEqualTo(
            "{\"status\":\"down\",\"reason\":\"kafka: no \\\"broker\\\" at a\\\\b\\u000a\"}\n");
  }

  @Test
  void everyCounterIsThereUnderItsId() throws Exception {
    counters.add(CollectorCounter.LOST_QUEUE_BYTES, 77);
    KernelCounters kernel = new KernelCounters(2);
    kernel.set(0, KernelCounter.SEEN_BYTES, 40);
    kernel.set(1, KernelCounter.SEEN_BYTES, 2);
    counters.kernel(kernel);
    server.gauge("connections", "Connections in the table.", counters, c -> 5);

    String metrics = get("/metrics").body();

    assertThat(metrics).contains("\nkymo_lost_queue_bytes_total 77.0\n");
    assertThat(metrics).contains("\nkymo_kernel_seen_bytes_total 42.0\n");
    assertThat(metrics).contains("\nkymo_connections 5.0\n");
    for (CollectorCounter counter : CollectorCounter.values()) {
      assertThat(metrics).contains("\nkymo_" + counter.id() + "_total ");
    }
    for (KernelCounter counter : KernelCounter.values()) {
      assertThat(metrics).contains("\nkymo_" + counter.id() + "_total ");
    }
  }

  @Test
  void nothingElseIsServed() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
  }

  @Test
  void aTakenPortIsNamed() {
    assertThatThrownBy(() -> new StatusServer(server.port(), counters, new Health()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("http.port " + server.port() + ": Address already in use");
  }

  @Test
  void thePageIsWhatTheEnumsGenerate() throws Exception {
    String page = CountersPage.generate();
    if (Boolean.getBoolean("kymo.docs.write")) {
      Files.writeString(PAGE, page);
    }

    assertThat(Files.readString(PAGE))
        .as("run mvn -pl node-collector -am test -DargLine=-Dkymo.docs.write=true")
        .isEqualTo(page);
  }

  private HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
