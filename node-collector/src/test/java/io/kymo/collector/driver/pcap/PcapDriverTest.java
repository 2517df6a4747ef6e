package io.kymo.collector.driver.pcap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.driver.Scope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapDriverTest {
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int ACK = 16;

  @TempDir Path directory;
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final Told told = new Told();

  PcapDriverTest() {
    ByteBuffer header = ByteBuffer.allocate(24).putInt(0xa1b23c4d).putInt(0x00020004);
    file.writeBytes(header.putLong(0).putInt(262_144).putInt(228).array()); // raw IPv4
  }

  private void tcp(boolean toServer, int position, int ack, int flags, String text, int cut) {
    ByteBuffer packet = ByteBuffer.allocate(40 + text.length());
    packet.putInt(0x4500 << 16 | packet.capacity()).putInt(0).putInt(0x40060000);
    packet.put(new byte[] {10, 0, 0, (byte) (toServer ? 1 : 2)});
    packet.put(new byte[] {10, 0, 0, (byte) (toServer ? 2 : 1)});
    packet.putShort((short) (toServer ? 9_999 : 80)).putShort((short) (toServer ? 80 : 9_999));
    packet.putInt(position).putInt(ack).putShort((short) (0x5000 | flags)).position(40);
    packet.put(text.getBytes(StandardCharsets.ISO_8859_1));
    ByteBuffer header = ByteBuffer.allocate(16).putInt(1_700_000_000).putInt(file.size());
    file.writeBytes(header.putInt(packet.capacity() - cut).putInt(packet.capacity()).array());
    file.write(packet.array(), 0, packet.capacity() - cut);
  }

  private Path written() throws IOException {
    return Files.write(directory.resolve("a,b.pcap"), file.toByteArray());
  }

  private void connection() {
    tcp(true, 99, 0, SYN, "", 0);
    tcp(false, 499, 100, SYN | ACK, "", 0);
    tcp(true, 100, 500, ACK, "ask", 0);
    tcp(false, 500, 103, ACK, "x".repeat(20_000), 100);
    tcp(true, 103, 20_500, FIN | ACK, "", 0);
    tcp(false, 20_500, 104, FIN | ACK, "", 0);
  }

  private static Scope only(Set<Integer> ports, Set<Integer> pids) {
    return new Scope(Set.of(), Set.of(), pids, Set.of(), ports, Set.of());
  }

  private Driver play(Scope scope) throws IOException {
    Driver driver = new PcapKind().create(written().toString(), DriverSettings.of(scope));
    driver.start();
    while (!driver.finished()) {
      driver.poll(told, 2);
    }
    return driver;
  }

  @Test
  void packetsBecomeTheEventsOfOtherDrivers() throws IOException {
    connection();
    try (Driver driver = play(Scope.ALL)) {
      assertThat(told.lines)
          .containsExactly(
              "socket SERVER 10.0.0.2:80 from :9999",
              "OPENED 100 500",
              "in 100 burst ask",
              "out 500 burst 16384 bytes",
              "out 16884 continued 3516 bytes of 3616",
              "SHUTDOWN_INGRESS 103 -1",
              "SHUTDOWN_EGRESS -1 20500",
              "CLOSED 103 20500");
      KernelCounters counters = new KernelCounters(driver.cpus());
      driver.counters(counters);
      assertThat(counters.total(KernelCounter.EVENTS)).isEqualTo(8);
      assertThat(counters.total(KernelCounter.SEEN_SEGMENTS)).isEqualTo(3);
      assertThat(counters.total(KernelCounter.SEEN_BYTES)).isEqualTo(20_003);
      assertThat(counters.total(KernelCounter.PAYLOAD_BYTES)).isEqualTo(19_903);
    }
  }

  @Test
  void whatOnlyAcknowledgementsShowIsASegmentWithoutBytes() throws IOException {
    tcp(true, 99, 0, SYN, "", 0);
    tcp(true, 100, 500, ACK, "ask", 0);
    tcp(true, 103, 600, ACK, "", 0);
    tcp(true, 103, 600, FIN | ACK, "", 0);
    try (Driver driver = play(Scope.ALL)) {
      assertThat(told.lines)
          .containsExactly(
              "socket SERVER 10.0.0.2:80 from :9999",
              "OPENED 100 -1",
              "in 100 burst ask",
              "out 500 ",
              "out 600 ",
              "SHUTDOWN_INGRESS 103 -1",
              "CLOSED 103 -1");
      assertThat(driver.problem()).isNull();
    }
  }

  @Test
  void portsAreAppliedAndWhatPacketsDoNotShowIsRefused() throws IOException {
    connection();
    play(only(Set.of(81), Set.of())).close();
    assertThat(told.lines).isEmpty();
    assertThatThrownBy(() -> play(only(Set.of(), Set.of(1))))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("pcap cannot apply filters of kind pid");
  }

  @Test
  void theEndIsSummedUpAndWhatIsCutIsNamed() throws IOException {
    connection();
    try (Driver driver = play(Scope.ALL)) {
      assertThat(driver.summary()).isEqualTo("6 packets, 6 segments, 20,003 bytes of payload");
      assertThat(driver.problem()).isNull();
      assertThat(driver.canWait()).isTrue();
    }
    Path whole = written();
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = directory.resolve("cut.pcap");
    Files.write(cut, Arrays.copyOf(bytes, bytes.length - 60));
    Path garbage = Files.writeString(directory.resolve("garbage"), "no capture at all, only text");
    Path empty = Files.createFile(directory.resolve("empty"));
    for (Path bad : List.of(cut, garbage, empty)) {
      Driver driver = new PcapKind().create(bad + "\n" + whole, DriverSettings.of(Scope.ALL));
      driver.start();
      while (!driver.finished()) {
        driver.poll(told, 100);
      }
      assertThat(driver.problem()).contains(bad.toString()).doesNotContain(whole.toString());
      assertThat(driver.summary()).contains("packets");
      driver.close();
    }
  }

  @Test
  void filesThatCanNotBeReadAreSaidSoBefore() {
    assertThat(new PcapKind().probe("/nowhere/x.pcap").usable()).isFalse();
    assertThat(new PcapKind().probe(directory.toString()).why()).contains("is no file");
    Scope namespace =
        new Scope(Set.of(directory), Set.of(), Set.of(), Set.of(), Set.of(), Set.of());
    assertThatThrownBy(() -> new PcapKind().create("x", DriverSettings.of(namespace)))
        .hasMessageContaining("kind netns");
  }
}
