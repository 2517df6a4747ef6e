package io.kymo.processor.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.processor.metrics.ProcessorGauge;
import io.kymo.processor.reassembly.Limits;
import io.kymo.protocol.Privacy;
import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.ConnectionRecord;
import io.kymo.schemas.DeadLetter;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.Plaintext;
import io.kymo.schemas.Role;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.AvroWriter;
import io.kymo.schemas.wire.SchemaIds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole topology over hand-made batches, in virtual time. */
class SegmentTopologyTest {
  private static final long START_MS = Scene.OFFSET_NS / 1_000_000;
  private static final String REQUEST = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final MockSchemaRegistryClient registry = new MockSchemaRegistryClient();
  private final Metrics metrics = new Metrics();
  private final Timing timing =
      new Timing(
          TimeUnit.HOURS.toNanos(2),
          TimeUnit.MINUTES.toNanos(2),
          TimeUnit.MINUTES.toNanos(1),
          TimeUnit.SECONDS.toNanos(5));
  private EndOffsets.Observation observation;
  private final TopologyTestDriver driver;
  private boolean closed;
  private final TestInputTopic<byte[], byte[]> input;
  private final AvroWriter<SegmentBatch> writer;

  SegmentTopologyTest() throws IOException {
    SchemaIdentifiers schemas = SchemaIdentifiers.register(registry);
    writer =
        new AvroWriter<>(
            SegmentBatch.class,
            SchemaIds.register(registry, Topics.SEGMENTS, SegmentBatch.getClassSchema()));
    SegmentTopology topology =
        new SegmentTopology(
            registry, schemas, Limits.DEFAULT, Privacy.DEFAULT, timing, p -> observation, metrics);
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    driver = new TopologyTestDriver(topology.build(), properties, Instant.ofEpochMilli(START_MS));
    input =
        driver.createInputTopic(
            Topics.SEGMENTS, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void close() {
    if (!closed) {
      driver.close();
    }
  }

  private static Scene server() {
    return new Scene("b").connection(Scene.tcp(7, Role.SERVER, "10.0.0.2", 80, "10.0.0.1", 40_000));
  }

  private void send(Scene scene) {
    send(scene, 0);
  }

  /** So long after the start, by Kafka's time. */
  private void send(Scene scene, long afterMs) {
    Instant time = Instant.ofEpochMilli(START_MS + afterMs);
    input.pipeInput(new byte[0], writer.write(scene.batch()), time);
  }

  private <T extends SpecificRecordBase> List<T> rows(String topic, Schema schema) {
    var output =
        driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    AvroReader<T> reader = new AvroReader<>(registry, schema);
    List<T> rows = new ArrayList<>();
    for (byte[] value : output.readValuesToList()) {
      try {
        rows.add(reader.read(value, null));
      } catch (Exception e) {
        throw new AssertionError(topic, e);
      }
    }
    return rows;
  }

  private List<Exchange> exchanges() {
    return rows(Topics.EXCHANGES, Exchange.getClassSchema());
  }

  private List<ConnectionRecord> connections() {
    return rows(Topics.CONNECTIONS, ConnectionRecord.getClassSchema());
  }

  private List<DeadLetter> deadLetters() {
    return rows(Topics.DEAD_LETTERS, DeadLetter.getClassSchema());
  }

  private List<CollectorStats> stats() {
    return rows(Topics.COLLECTOR_STATS, CollectorStats.getClassSchema());
  }

  /** The broker says that all is read, and time passes. */
  private void quiet(Duration time) {
    driver.advanceWallClockTime(time);
    observation = new EndOffsets.Observation(0, 0, START_MS + elapsed(time));
    driver.advanceWallClockTime(Duration.ofMillis(200));
    elapsed(Duration.ofMillis(200));
    observation = null;
  }

  private long elapsedMs;

  private long elapsed(Duration more) {
    elapsedMs += more.toMillis();
    return elapsedMs;
  }

  private static void identityHolds(ConnectionRecord row) {
    assertThat(row.getIngressBytes() + row.getEgressBytes() + row.getGapBytes())
        .isEqualTo(
            row.getDecodedBytes()
                + row.getSkippedBytes()
                + row.getGapBytes()
                + row.getTruncatedBytes()
                + row.getOpaqueBytes()
                + row.getDuplicateBytes()
                + row.getPendingBytes());
  }

  @Test
  void aRequestAndItsResponseInDifferentBatchesAreOneRow() {
    Scene scene = server();
    send(
        scene
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST.substring(0, 9)));
    send(scene.read(7, 3, 109, REQUEST.substring(9)));
    assertThat(exchanges()).isEmpty();
    send(scene.written(7, 5, 500, RESPONSE));

    List<Exchange> rows = exchanges();
    assertThat(rows).hasSize(1);
    Exchange row = rows.get(0);
    assertThat(row.getTime()).isEqualTo(Scene.OFFSET_NS + 2_000_000);
    assertThat(row.getDurationNs()).isEqualTo(3_000_000);
    assertThat(row.getProtocol()).isEqualTo("http");
    assertThat(row.getOperation()).isEqualTo("GET");
    assertThat(row.getStatus()).isEqualTo("ok");
    assertThat(row.getStatusCode()).isEqualTo("200");
    assertThat(row.getObservedAt()).isEqualTo("server");
    assertThat(row.getClientAddress()).isEqualTo("10.0.0.1");
    assertThat(row.getClientPort()).isEqualTo(40_000);
    assertThat(row.getServerAddress()).isEqualTo("10.0.0.2");
    assertThat(row.getServerPort()).isEqualTo(80);
    assertThat(row.getServerNode()).isEqualTo("b");
    assertThat(row.getServerProcess()).isEqualTo("nginx");
    assertThat(row.getServerPid()).isEqualTo(100);
    assertThat(row.getClientProcess()).isEmpty();
    assertThat(row.getRequestBytes()).isEqualTo(REQUEST.length());
    assertThat(row.getResponseBytes()).isEqualTo(RESPONSE.length());
  }

  @Test
  void bothSidesHaveTheSameExchangeId() {
    // the server's address is another one on its own side: destination NAT
    Scene client =
        new Scene("a").connection(Scene.tcp(3, Role.CLIENT, "10.0.0.1", 40_000, "10.96.0.1", 8080));
    send(
        client
            .event(3, 1, ConnectionEventKind.OPENED, 500, 100)
            .written(3, 1, 100, REQUEST)
            .read(3, 8, 500, RESPONSE)
            .written(3, 9, 100 + REQUEST.length(), REQUEST)
            .read(3, 12, 500 + RESPONSE.length(), RESPONSE));
    send(
        server()
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST)
            .written(7, 5, 500, RESPONSE)
            .read(7, 10, 100 + REQUEST.length(), REQUEST)
            .written(7, 11, 500 + RESPONSE.length(), RESPONSE));

    List<Exchange> rows = exchanges();
    assertThat(rows)
        .extracting(Exchange::getObservedAt)
        .containsExactly("client", "client", "server", "server");
    assertThat(rows.get(0).getExchangeId()).isEqualTo(rows.get(2).getExchangeId());
    assertThat(rows.get(1).getExchangeId()).isEqualTo(rows.get(3).getExchangeId());
    assertThat(rows.get(0).getExchangeId()).isNotEqualTo(rows.get(1).getExchangeId());
  }

  /**
   * Plaintext of a TLS connection, seen by both sides from the handshake on, or from the middle.
   */
  private List<Exchange> plaintext(boolean clientFromStart) {
    long c = Plaintext.idOn(3);
    long s = Plaintext.idOn(7);
    Scene client =
        new Scene("a")
            .connection(
                Scene.tcp(c, Role.CLIENT, "10.0.0.1", 40_000, "10.0.0.2", 8443)
                    .setOpenedNs(clientFromStart ? 1 : 0));
    if (clientFromStart) {
      client.event(c, 1, ConnectionEventKind.OPENED, 0, 0);
    }
    send(
        client
            .written(c, 1, 0, REQUEST)
            .read(c, 8, 0, RESPONSE)
            .event(c, 9, ConnectionEventKind.CLOSED, -1, -1));
    send(
        new Scene("b")
            .connection(Scene.tcp(s, Role.SERVER, "10.0.0.2", 8443, "10.0.0.1", 40_000))
            .event(s, 1, ConnectionEventKind.OPENED, 0, 0)
            .read(s, 2, 0, REQUEST)
            .written(s, 5, 0, RESPONSE));
    List<Exchange> rows = exchanges();
    assertThat(rows).extracting(Exchange::getTls).containsExactly(true, true);
    assertThat(rows).extracting(Exchange::getStatus).containsExactly("ok", "ok");
    assertThat(rows).extracting(Exchange::getConnectionId).containsExactly(3L, 7L);
    return rows;
  }

  @Test
  void plaintextOfTlsIsTiedWhenBothSawItFromItsStart() {
    List<Exchange> rows = plaintext(true);
    assertThat(rows.get(0).getExchangeId()).isEqualTo(rows.get(1).getExchangeId());
  }

  @Test
  void plaintextOfTlsSeenFromTheMiddleIsTiedToNothing() {
    List<Exchange> rows = plaintext(false);
    assertThat(rows.get(0).getExchangeId()).isNotEqualTo(rows.get(1).getExchangeId());
  }

  @Test
  void plaintextBeginsAnewWithTheCollector() {
    long id = Plaintext.idOn(7);
    Scene scene =
        new Scene("b").connection(Scene.tcp(id, Role.SERVER, "10.0.0.2", 8443, "10.0.0.1", 40_000));
    send(
        scene
            .event(id, 1, ConnectionEventKind.OPENED, 0, 0)
            .read(id, 2, 0, REQUEST)
            .written(id, 3, 0, RESPONSE));
    scene.restart();
    send(scene.read(id, 50, 0, REQUEST).written(id, 51, 0, RESPONSE));
    send(scene.event(id, 60, ConnectionEventKind.CLOSED, -1, -1));
    quiet(Duration.ofSeconds(5));
    assertThat(exchanges()).extracting(Exchange::getStatus).containsExactly("ok", "ok");
    ConnectionRecord closed = connections().get(0);
    identityHolds(closed);
    assertThat(closed.getDuplicateBytes()).isZero();
    assertThat(closed.getTls()).isTrue();
  }

  @Test
  void aRestartedCollectorGoesOnWithTheSameConnection() {
    Scene scene = server();
    send(
        scene
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST)
            .written(7, 3, 500, RESPONSE));
    scene.restart();
    long in = 100L + REQUEST.length();
    long out = 500L + RESPONSE.length();
    send(scene.read(7, 50, in, REQUEST));
    send(scene.written(7, 51, out, RESPONSE));
    send(
        scene.event(
            7, 60, ConnectionEventKind.CLOSED, in + REQUEST.length(), out + RESPONSE.length()));

    assertThat(exchanges()).extracting(Exchange::getStatus).containsExactly("ok", "ok");
    List<ConnectionRecord> closed = connections();
    assertThat(closed).hasSize(1);
    assertThat(closed.get(0).getExchanges()).isEqualTo(2);
    assertThat(closed.get(0).getGapBytes()).isZero();
    assertThat(metrics.total(ProcessorCounter.COLLECTOR_RESTARTS)).isEqualTo(1);
  }

  @Test
  void aConnectionThatANewCollectorDoesNotTellOfIsUnseenUntilItDoes() {
    Scene scene =
        server().connection(Scene.tcp(8, Role.SERVER, "10.0.0.2", 80, "10.0.0.1", 40_001));
    send(
        scene
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST)
            .written(7, 3, 500, RESPONSE));
    scene.restart();
    send(scene.event(8, 40_000, ConnectionEventKind.OPENED, 1, 1), 40_000);
    send(scene.read(8, 99_000, 1, REQUEST), 99_000);
    driver.advanceWallClockTime(Duration.ofMillis(200));
    connections();
    send(scene.written(8, 101_000, 1, RESPONSE), 101_000);
    driver.advanceWallClockTime(Duration.ofMillis(200));
    assertThat(connections())
        .filteredOn(row -> row.getConnectionId() == 7)
        .extracting(ConnectionRecord::getState)
        .containsExactly("unseen");
    exchanges();

    // it was idle only: what comes now goes on where it was
    send(
        scene
            .read(7, 101_001, 100L + REQUEST.length(), REQUEST)
            .written(7, 101_002, 500L + RESPONSE.length(), RESPONSE),
        101_002);
    assertThat(exchanges()).hasSize(1);
    send(scene.event(7, 101_003, ConnectionEventKind.CLOSED, -1, -1), 101_003);
    List<ConnectionRecord> rows = connections();
    ConnectionRecord last = rows.get(rows.size() - 1);
    assertThat(last.getState()).isEqualTo("closed");
    assertThat(last.getGapBytes()).isZero();
    identityHolds(last);
  }

  @Test
  void whatPassedWhileTheCollectorWasAwayIsAGap() {
    Scene scene = server();
    send(
        scene
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST)
            .written(7, 3, 500, RESPONSE));
    scene.restart();
    long in = 100 + 2L * REQUEST.length();
    long out = 500 + 2L * RESPONSE.length();
    send(scene.read(7, 50, in, REQUEST).written(7, 51, out, RESPONSE));
    send(
        scene.event(
            7, 60, ConnectionEventKind.CLOSED, in + REQUEST.length(), out + RESPONSE.length()));
    quiet(Duration.ofSeconds(5));

    assertThat(exchanges()).hasSize(2);
    List<ConnectionRecord> closed = connections();
    assertThat(closed).hasSize(1);
    assertThat(closed.get(0).getGapBytes()).isEqualTo(REQUEST.length() + RESPONSE.length());
    identityHolds(closed.get(0));
  }

  @Test
  void positionsOfUnixSocketsBeginAnewWithTheCollector() {
    Scene scene = new Scene("b").connection(Scene.unix(9, Role.SERVER, 8, "/run/web.sock"));
    send(
        scene
            .event(9, 1, ConnectionEventKind.OPENED, 0, 0)
            .read(9, 2, 0, REQUEST)
            .written(9, 3, 0, RESPONSE)
            .read(9, 4, REQUEST.length(), REQUEST));
    scene.restart();
    send(scene.read(9, 50, 0, REQUEST).written(9, 51, 0, RESPONSE));
    send(scene.event(9, 60, ConnectionEventKind.CLOSED, -1, -1));
    quiet(Duration.ofSeconds(5));

    List<Exchange> rows = exchanges();
    assertThat(rows).extracting(Exchange::getStatus).containsExactly("ok", "unknown", "ok");
    assertThat(rows.get(1).getErrorType()).isEqualTo("capture_gap");
    assertThat(rows.get(0).getServerAddress()).isEqualTo("/run/web.sock");
    List<ConnectionRecord> closed = connections();
    assertThat(closed).hasSize(1);
    identityHolds(closed.get(0));
    assertThat(closed.get(0).getDuplicateBytes()).isZero();
    assertThat(closed.get(0).getPendingBytes()).isZero();
  }

  @Test
  void aJumpInTheSequenceIsCounted() {
    Scene scene = server().counters(Map.of("segments_lost", 5L));
    send(scene);
    send(scene.lose(3));
    send(scene.counters(Map.of("segments_lost", 9L)));
    quiet(Duration.ofSeconds(6));

    assertThat(metrics.total(ProcessorCounter.BATCHES_MISSING)).isEqualTo(3);
    List<CollectorStats> stats = stats();
    assertThat(stats).isNotEmpty();
    CollectorStats last = stats.get(stats.size() - 1);
    assertThat(last.getBatchesMissing()).isEqualTo(3);
    assertThat(last.getCounters()).containsExactly(Map.entry("segments_lost", 9L));
    assertThat(last.getBootId()).isEqualTo("boot-of-b");
  }

  @Test
  void badRecordsBecomeDeadLettersAndNothingElseIsLost() throws Exception {
    Scene scene = server();
    int other = registry.register("other", new AvroSchema(DeadLetter.getClassSchema()));
    byte[] good =
        writer.write(
            scene
                .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
                .read(7, 2, 100, REQUEST)
                .batch());
    byte[] cut = java.util.Arrays.copyOf(good, good.length - 3);
    byte[] wrongSchema = good.clone();
    java.nio.ByteBuffer.wrap(wrongSchema).putInt(1, other);
    byte[] unknownSchema = good.clone();
    java.nio.ByteBuffer.wrap(unknownSchema).putInt(1, 4711);
    byte[] invalid =
        writer.write(
            scene.segment(5, 0, 3, 0, new byte[] {1}).written(7, 4, 500, RESPONSE).batch());

    for (byte[] value :
        new byte[][] {
          "hello".getBytes(StandardCharsets.US_ASCII),
          good,
          cut,
          wrongSchema,
          unknownSchema,
          new byte[0],
          invalid
        }) {
      input.pipeInput(new byte[0], value, Instant.ofEpochMilli(START_MS));
    }

    List<DeadLetter> letters = deadLetters();
    assertThat(letters)
        .extracting(DeadLetter::getReason)
        .containsExactly(
            "not_framed",
            "malformed",
            "incompatible_schema",
            "unknown_schema",
            "not_framed",
            "invalid_segments");
    assertThat(letters.get(1).getOffset()).isEqualTo(2);
    assertThat(letters.get(1).getValue()).isEqualTo(java.nio.ByteBuffer.wrap(cut));
    assertThat(exchanges()).hasSize(1);
    assertThat(metrics.total(ProcessorCounter.DEAD_LETTERS)).isEqualTo(6);
    assertThat(metrics.prometheus()).contains("kymo_dead_letters_total{reason=\"malformed\"} 1");
  }

  @Test
  void aQuietSystemTimesRequestsOut() {
    send(server().event(7, 1, ConnectionEventKind.OPENED, 100, 500).read(7, 2, 100, REQUEST));
    quiet(Duration.ofSeconds(29));
    assertThat(exchanges()).isEmpty();
    quiet(Duration.ofSeconds(3));
    List<Exchange> rows = exchanges();
    assertThat(rows).extracting(Exchange::getStatus).containsExactly("timeout");
    assertThat(metrics.total(ProcessorCounter.TIMEOUTS)).isEqualTo(1);
  }

  @Test
  void aLaggingProcessorDoesNotTimeRequestsOut() {
    Scene scene = server();
    send(scene.event(7, 1, ConnectionEventKind.OPENED, 100, 500).read(7, 2, 100, REQUEST));
    // the broker has another record, and the processor does not come to it for an hour
    observation = new EndOffsets.Observation(2, 0, START_MS + 1);
    driver.advanceWallClockTime(Duration.ofHours(1));
    assertThat(exchanges()).isEmpty();
    send(scene.written(7, 5, 500, RESPONSE));
    assertThat(exchanges()).extracting(Exchange::getStatus).containsExactly("ok");
  }

  @Test
  void othersOfTheSameNodeTimeRequestsOut() {
    Scene scene =
        server().connection(Scene.tcp(8, Role.SERVER, "10.0.0.2", 80, "10.0.0.1", 40_001));
    send(scene.event(7, 1, ConnectionEventKind.OPENED, 100, 500).read(7, 2, 100, REQUEST));
    send(scene.event(8, 40_000, ConnectionEventKind.OPENED, 100, 500));
    assertThat(exchanges()).extracting(Exchange::getStatus).containsExactly("timeout");
  }

  @Test
  void aNodeWhoseClockIsAheadDoesNotTimeOutTheOthers() {
    Scene scene = server();
    send(scene.event(7, 1, ConnectionEventKind.OPENED, 100, 500).read(7, 2, 100, REQUEST));
    Scene ahead =
        new Scene("c").connection(Scene.tcp(1, Role.SERVER, "10.0.0.3", 80, "10.0.0.1", 40_002));
    send(ahead.event(1, 3_600_000, ConnectionEventKind.OPENED, 0, 0));
    assertThat(exchanges()).isEmpty();
    send(scene.written(7, 5, 500, RESPONSE));
    assertThat(exchanges()).extracting(Exchange::getStatus).containsExactly("ok");
  }

  @Test
  void aClosedConnectionsBytesAreAllAccountedFor() {
    Scene scene = server();
    send(
        scene
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST)
            .read(7, 2, 100, REQUEST)
            .written(7, 3, 500, RESPONSE)
            .read(7, 4, 100 + REQUEST.length(), "GET /b"));
    send(
        scene.event(
            7, 9, ConnectionEventKind.CLOSED, 100 + REQUEST.length() + 6, 500 + RESPONSE.length()));
    List<ConnectionRecord> closed = connections();
    assertThat(closed).hasSize(1);
    ConnectionRecord row = closed.get(0);
    assertThat(row.getState()).isEqualTo("closed");
    assertThat(row.getRole()).isEqualTo("server");
    assertThat(row.getProtocol()).isEqualTo("http");
    assertThat(row.getOpened()).isEqualTo(Scene.OFFSET_NS + 1);
    assertThat(row.getIngressBytes()).isEqualTo(2L * REQUEST.length() + 6);
    assertThat(row.getEgressBytes()).isEqualTo(RESPONSE.length());
    assertThat(row.getDuplicateBytes()).isEqualTo(REQUEST.length());
    assertThat(row.getDecodedBytes() + row.getSkippedBytes())
        .isEqualTo(REQUEST.length() + RESPONSE.length() + 6);
    assertThat(row.getPendingBytes()).isZero();
    identityHolds(row);
    // its state goes, after a while for late segments
    assertThat(metrics.value(ProcessorGauge.CONVERSATIONS)).isEqualTo(1);
    quiet(Duration.ofSeconds(6));
    assertThat(metrics.value(ProcessorGauge.CONVERSATIONS)).isZero();
    assertThat(connections()).isEmpty();
  }

  @Test
  void theHandshakeThatPostgresGrantsIsARowOfTls() {
    String hello = "\26\3\1\0\55\1\0\0\51\3\3" + "r".repeat(32) + "\0\0\2\0\57\1\0";
    String alert = "\25\3\3\0\2\2\50";
    Scene scene =
        new Scene("b").connection(Scene.tcp(7, Role.SERVER, "10.0.0.2", 5432, "10.0.0.1", 40_000));
    send(
        scene
            .event(7, 1, ConnectionEventKind.OPENED, 0, 0)
            .read(7, 2, 0, "\0\0\0\10\4\u00d2\26/")
            .written(7, 3, 0, "S")
            .read(7, 4, 8, hello)
            .written(7, 5, 1, alert)
            .event(7, 6, ConnectionEventKind.CLOSED, 8 + hello.length(), 1 + alert.length()));
    assertThat(exchanges())
        .extracting(Exchange::getProtocol, Exchange::getOperation, Exchange::getErrorType)
        .containsExactly(tuple("tls", "HANDSHAKE", "handshake_failure"));
    ConnectionRecord row = connections().get(0);
    assertThat(row.getProtocol()).isEqualTo("postgresql");
    assertThat(row.getOpaqueReason()).isEqualTo("tls");
    identityHolds(row);
  }

  @Test
  void lateSegmentsOfAClosedConnectionAreReported() {
    Scene scene = server();
    send(
        scene
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST)
            .written(7, 3, 500, RESPONSE));
    send(scene.event(7, 9, ConnectionEventKind.CLOSED, -1, -1));
    assertThat(connections()).hasSize(1);
    send(scene.written(7, 8, 500 + RESPONSE.length(), "late"));
    quiet(Duration.ofSeconds(6));
    List<ConnectionRecord> last = connections();
    assertThat(last).hasSize(1);
    assertThat(last.get(0).getOpaqueBytes()).isEqualTo(4);
    identityHolds(last.get(0));
  }

  @Test
  void anActiveConnectionIsReportedEveryMinute() {
    Scene scene = server();
    send(scene.event(7, 1, ConnectionEventKind.OPENED, 100, 500));
    long in = 100;
    long out = 500;
    for (int s = 1; s <= 150; s += 10) {
      send(scene.read(7, s * 1000L, in, REQUEST).written(7, s * 1000L + 1, out, RESPONSE));
      in += REQUEST.length();
      out += RESPONSE.length();
    }
    assertThat(connections())
        .hasSize(2)
        .allSatisfy(
            row -> {
              assertThat(row.getState()).isEqualTo("open");
              identityHolds(row);
            });
  }

  @Test
  void anIdleConnectionIsGivenUp() {
    send(server().event(7, 1, ConnectionEventKind.OPENED, 100, 500).read(7, 2, 100, "GET / HT"));
    quiet(Duration.ofHours(2).plusSeconds(10));
    assertThat(metrics.total(ProcessorCounter.CONVERSATIONS_EXPIRED)).isEqualTo(1);
    assertThat(metrics.value(ProcessorGauge.CONVERSATIONS)).isZero();
    assertThat(metrics.value(ProcessorGauge.PENDING_BYTES)).isZero();
    List<ConnectionRecord> rows = connections();
    ConnectionRecord last = rows.get(rows.size() - 1);
    assertThat(last.getPendingBytes()).isZero();
    assertThat(last.getState()).isEqualTo("unseen");
    identityHolds(last);
  }

  @Test
  void anInodeThatComesAgainIsAnotherConnection() {
    Scene scene = server();
    send(
        scene
            .event(7, 1, ConnectionEventKind.OPENED, 100, 500)
            .read(7, 2, 100, REQUEST)
            .written(7, 3, 500, RESPONSE));
    scene.connection(
        Scene.tcp(7, Role.SERVER, "10.0.0.2", 80, "10.0.0.9", 51_000).setOpenedNs(5_000_000));
    send(
        scene
            .event(7, 5, ConnectionEventKind.OPENED, 9_000, 9_500)
            .read(7, 6, 9_000, REQUEST)
            .written(7, 7, 9_500, RESPONSE));
    assertThat(exchanges())
        .extracting(Exchange::getClientAddress)
        .containsExactly("10.0.0.1", "10.0.0.9");
    List<ConnectionRecord> rows = connections();
    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).getRemoteAddress()).isEqualTo("10.0.0.1");
    identityHolds(rows.get(0));
  }

  @Test
  void aNewBootHasNewConnections() {
    Scene scene = server();
    send(scene.event(7, 1, ConnectionEventKind.OPENED, 100, 500).read(7, 2, 100, REQUEST));
    SegmentBatch later = scene.written(7, 5, 500, RESPONSE).batch();
    later.setBootId("another");
    input.pipeInput(new byte[0], writer.write(later), Instant.ofEpochMilli(START_MS));
    assertThat(exchanges()).isEmpty();
    assertThat(metrics.value(ProcessorGauge.CONVERSATIONS)).isEqualTo(2);
  }

  @Test
  void gaugesAreGivenBackWhenTheTaskEnds() {
    send(server().event(7, 1, ConnectionEventKind.OPENED, 100, 500).read(7, 2, 100, "GET / HT"));
    assertThat(metrics.value(ProcessorGauge.PENDING_BYTES)).isEqualTo(8);
    driver.close();
    closed = true;
    assertThat(metrics.value(ProcessorGauge.PENDING_BYTES)).isZero();
    assertThat(metrics.value(ProcessorGauge.CONVERSATIONS)).isZero();
    assertThat(metrics.total(ProcessorCounter.CAPTURED_BYTES)).isZero();
  }
}
