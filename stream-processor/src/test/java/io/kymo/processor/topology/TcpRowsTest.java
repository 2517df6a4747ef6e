package io.kymo.processor.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.reassembly.Limits;
import io.kymo.protocol.Privacy;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.ConnectionRecord;
import io.kymo.schemas.Role;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.TcpEvent;
import io.kymo.schemas.TcpReportKind;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.AvroWriter;
import io.kymo.schemas.wire.SchemaIds;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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

/** What TCP told becomes rows of connections and tcp_events, in virtual time. */
class TcpRowsTest {
  private static final long START_MS = Scene.OFFSET_NS / 1_000_000;
  private static final int LINGERS = 1;
  private static final long MINUTE_MS = 60_000;

  private final MockSchemaRegistryClient registry = new MockSchemaRegistryClient();
  private final TopologyTestDriver driver;
  private final TestInputTopic<byte[], byte[]> input;
  private final AvroWriter<SegmentBatch> writer;
  private final Scene scene =
      new Scene("a")
          .connection(Scene.tcp(7, Role.CLIENT, "10.0.0.1", 40_000, "10.0.0.2", 80))
          .connection(Scene.tcp(8, Role.SERVER, "10.0.0.1", 22, "10.0.0.3", 40_000));

  TcpRowsTest() throws IOException {
    SchemaIdentifiers schemas = SchemaIdentifiers.register(registry);
    writer =
        new AvroWriter<>(
            SegmentBatch.class,
            SchemaIds.register(registry, Topics.SEGMENTS, SegmentBatch.getClassSchema()));
    Timing timing =
        new Timing(
            TimeUnit.HOURS.toNanos(2),
            TimeUnit.MINUTES.toNanos(2),
            TimeUnit.MINUTES.toNanos(1),
            TimeUnit.SECONDS.toNanos(5));
    SegmentTopology topology =
        new SegmentTopology(
            registry, schemas, Limits.DEFAULT, Privacy.DEFAULT, timing, p -> null, new Metrics());
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
    driver.close();
  }

  @Test
  void theLastRowWaitsForTcpsLastWord() {
    scene
        .event(7, 30, ConnectionEventKind.OPENED, 0, 0)
        .event(7, 100, ConnectionEventKind.CLOSED, 0, 0, 0, LINGERS);
    send();
    assertThat(connections()).isEmpty();

    scene.tcp(7, 110, TcpReportKind.ENDED, 9, 3);
    send();
    assertThat(connections())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.getState()).isEqualTo("closed");
              assertThat(row.getConnectNs()).isEqualTo(29_999_999); // opened at 1 ns
              assertThat(row.getDurationNs()).isEqualTo(99_999_999);
              assertThat(row.getRttNs()).isEqualTo(2_000_000);
              assertThat(row.getRttMinNs()).isEqualTo(1_000_000);
              assertThat(row.getRetransmits()).isEqualTo(3);
              assertThat(row.getSegmentsSent()).isEqualTo(9);
              assertThat(row.getReceiverLimitedNs()).isEqualTo(7_000);
              assertThat(row.getTcpState()).isEqualTo("ESTABLISHED");
              assertThat(row.getErrorType()).isEmpty();
            });
    later(MINUTE_MS * 3);
    assertThat(connections()).isEmpty();
  }

  @Test
  void theRowComesWithoutTcpsLastWordAndAgainWithIt() {
    scene
        .event(7, 30, ConnectionEventKind.OPENED, 0, 0)
        .event(7, 100, ConnectionEventKind.CLOSED, 0, 0, 0, LINGERS);
    send();
    later(6_000);
    assertThat(connections()).extracting(ConnectionRecord::getState).containsExactly("closed");

    scene.tcp(7, 20_000, TcpReportKind.RETRANSMIT, 9, 3).tcp(7, 20_001, TcpReportKind.ENDED, 9, 3);
    send();
    later(30_000);
    assertThat(connections()).extracting(ConnectionRecord::getRetransmits).containsExactly(3L);
  }

  @Test
  void figuresThatAResetClearedAreLeftOut() {
    scene
        .event(7, 30, ConnectionEventKind.OPENED, 0, 0)
        .event(7, 100, ConnectionEventKind.CLOSED, 0, 0, 0, LINGERS)
        .tcp(7, 101, TcpReportKind.STATISTICS, 9, 3)
        .tcp(7, 102, TcpReportKind.RESET_SENT, 0, 0)
        .tcp(7, 103, TcpReportKind.ENDED, 0, 0);
    send();
    assertThat(connections())
        .extracting(
            ConnectionRecord::getSegmentsSent,
            ConnectionRecord::getRetransmits,
            ConnectionRecord::getResetsSent)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(9L, 3L, 1L));
  }

  @Test
  void anOpenConnectionIsARowAtIntervals() {
    scene.event(8, 30, ConnectionEventKind.OPENED, 0, 0).tcp(8, 31, TcpReportKind.STATISTICS, 4, 0);
    send();
    later(MINUTE_MS + 1_000);
    assertThat(connections())
        .singleElement()
        .satisfies(
            row -> {
              assertThat(row.getState()).isEqualTo("open");
              assertThat(row.getConnectNs()).isZero(); // the server did not connect
              assertThat(row.getRttNs()).isEqualTo(2_000_000);
            });
    later(MINUTE_MS * 2);
    assertThat(connections()).as("nothing has changed").isEmpty();
  }

  @Test
  void whatHappensIsAnEvent() {
    scene
        .event(7, 30, ConnectionEventKind.OPENED, 0, 0)
        .tcp(7, 40, TcpReportKind.RETRANSMIT, 5, 2)
        .tcp(7, 41, TcpReportKind.RETRANSMIT, 6, 3)
        .tcp(7, 42, TcpReportKind.DROP, 6, 3)
        .tcp(7, 43, TcpReportKind.ZERO_WINDOW_RECEIVED, 6, 3)
        .tcp(7, 44, TcpReportKind.STATISTICS, 7, 3);
    send();
    assertThat(events())
        .extracting(e -> e.getEvent() + " " + e.getReason() + " " + e.getSegments())
        .containsExactly(
            "retransmit  2", "retransmit  1", "drop QDISC_DROP 1", "zero_window_received  0");
  }

  @Test
  void segmentsSentAgainAreToldByWhateverReportIsFirst() {
    scene
        .event(8, 30, ConnectionEventKind.OPENED, 0, 0)
        .tcp(8, 40, TcpReportKind.STATISTICS, 4, 2) // SYN-ACKs
        .tcp(8, 41, TcpReportKind.RETRANSMIT, 5, 3)
        .tcp(8, 42, TcpReportKind.STATISTICS, 6, 5) // a look overtakes an event
        .tcp(8, 43, TcpReportKind.RETRANSMIT, 6, 5);
    send();
    Scene joined =
        new Scene("c")
            .connection(
                Scene.tcp(9, Role.SERVER, "10.0.0.1", 22, "10.0.0.3", 40_001).setOpenedNs(0));
    joined
        .tcp(9, 40, TcpReportKind.STATISTICS, 4_000, 70)
        .tcp(9, 41, TcpReportKind.RETRANSMIT, 4_001, 71);
    send(joined);
    assertThat(events())
        .extracting(e -> e.getConnectionId() + " " + e.getEvent() + " " + e.getSegments())
        .containsExactly("8 retransmit 2", "8 retransmit 1", "8 retransmit 2", "9 retransmit 1");
  }

  @Test
  void connectsThatFailedOrWereGivenUp() {
    scene.event(7, 30, ConnectionEventKind.CONNECT_FAILED, -1, -1, 113, 0);
    send();
    Scene other =
        new Scene("c").connection(Scene.tcp(9, Role.CLIENT, "10.0.0.1", 40_000, "10.0.0.2", 80));
    other
        .tcp(9, 20, TcpReportKind.RETRANSMIT, 2, 1)
        .event(9, 30, ConnectionEventKind.CLOSED, 0, 0, 0, 0);
    send(other);
    assertThat(connections())
        .extracting(
            row ->
                row.getState()
                    + " "
                    + row.getErrorType()
                    + " "
                    + row.getError()
                    + " "
                    + row.getRetransmits())
        .containsExactly("failed host_unreachable 113 0", "failed connect_abandoned 0 1");
    assertThat(events())
        .extracting(e -> e.getEvent() + " " + e.getReason())
        .containsExactly(
            "connect_failed host_unreachable", "connect_failed connect_abandoned", "retransmit ");
  }

  private void send() {
    send(scene);
  }

  private void send(Scene from) {
    input.pipeInput(new byte[0], writer.write(from.batch()), Instant.ofEpochMilli(START_MS));
  }

  private long laterMs;

  /** Time passes on the node: a Unix socket, whose rows are not looked at, tells so. */
  private void later(long ms) {
    laterMs += ms;
    long id = 1_000 + laterMs;
    scene
        .connection(Scene.unix(id, Role.CLIENT, 0, "/x"))
        .event(id, laterMs, ConnectionEventKind.OPENED, 0, 0);
    send();
    scene.event(id, laterMs + 1_000, ConnectionEventKind.SHUTDOWN_EGRESS, 0, 0);
    send();
  }

  private List<ConnectionRecord> connections() {
    List<ConnectionRecord> all = rows(Topics.CONNECTIONS, ConnectionRecord.getClassSchema());
    return all.stream().filter(row -> row.getTransport().equals("tcp")).toList();
  }

  private List<TcpEvent> events() {
    return rows(Topics.TCP_EVENTS, TcpEvent.getClassSchema());
  }

  private <T extends SpecificRecordBase> List<T> rows(String topic, Schema schema) {
    var output =
        driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    AvroReader<T> reader = new AvroReader<>(registry, schema);
    List<T> rows = new ArrayList<>();
    for (byte[] value : output.readValuesToList()) {
      try {
        rows.add(reader.read(value, null));
      } catch (IOException | UnreadableRecordException e) {
        throw new AssertionError(topic, e);
      }
    }
    return rows;
  }
}
