package io.kymo.captures;

import static io.kymo.captures.Packets.ACK;
import static io.kymo.captures.Packets.toServer;
import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.pcap.CaptureReader;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoundsTest {
  private static final long TIME = 1_700_000_000_000_000_000L;
  private static final int CONNECTIONS = 20_000;
  private static final Bounds BOUNDS = Bounds.of(8 << 20, 1);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Conversations conversations =
      new Conversations(BOUNDS, "n", "b", RowWriter.Format.JSON.writer(), new Output(out));
  private final Decoder decoder = new Decoder(conversations, 0, BOUNDS);

  @Test
  void decodersShareTheHeap() {
    Bounds two = Bounds.of(512L << 20, 2);
    assertThat(two.flows()).isEqualTo(19_660);
    assertThat(two.heldBytes()).isEqualTo(32 << 20);
    assertThat(two.limits().memoryBytes()).isEqualTo(64 << 20);
  }

  @Test
  void connectionsThatNeverEndGiveWayWithAllTheirExchanges() {
    PcapWriter w = new PcapWriter(1);
    for (int i = 0; i < CONNECTIONS; i++) { // time does not go on
      w.packet(TIME, toServer(1_024 + i, 100, 500, ACK, "GET /a HTTP/1.1\r\nHost: b\r\n\r\n"));
    }
    List<String> messages = new ArrayList<>();
    CaptureReader reader =
        new CaptureReader(List.of("-"), new ByteArrayInputStream(w.bytes()), messages::add);
    for (Packet packet = reader.next(); packet != null; packet = reader.next()) {
      decoder.packet(packet);
    }
    int evicted = CONNECTIONS - BOUNDS.flows();
    assertThat(messages).isEmpty();
    assertThat(decoder.counters().get(PacketCounter.FLOWS_EVICTED)).isEqualTo(evicted);
    assertThat(conversations.rows().get("http")[0]).isEqualTo(evicted);
    assertThat(conversations.places()).isLessThan(CONNECTIONS / 5);
    decoder.finish();
    assertThat(out.toString(StandardCharsets.UTF_8).lines()).hasSize(CONNECTIONS);
    assertThat(conversations.places()).isZero();
  }
}
