package io.kymo.captures;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.kymo.collector.driver.pcap.file.CaptureFile;
import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.file.NotACaptureException;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;
import io.kymo.collector.driver.pcap.packet.PacketDecoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever the bytes: nothing throws, nothing loops, everything is counted. In the ordinary tests
 * the seeds below are run once each; to fuzz:
 *
 * <pre>
 * JAZZER_FUZZ=1 mvn -Djazzer.hooks=true -pl captures -am test -Dtest=CaptureFuzzTest#file -Dsurefire.failIfNoSpecifiedTests=false
 * </pre>
 */
class CaptureFuzzTest {
  private static final PacketCounter[] NO_SEGMENT = {
    PacketCounter.NOT_IP,
    PacketCounter.OTHER_TRANSPORT,
    PacketCounter.UNKNOWN_LINK,
    PacketCounter.CUT_HEADERS,
    PacketCounter.MALFORMED_PACKETS,
    PacketCounter.TOO_DEEP
  };
  private static final int[] LINK_TYPES = {1, 0, 108, 101, 113, 276, 228, 0x18100};

  static Stream<Arguments> files() {
    byte[] ask = Packets.toServer(9, 5, 6, Packets.ACK, "GET / HTTP/1.1\r\n\r\n");
    byte[] answer = Packets.toClient(9, 6, 23, Packets.ACK, "HTTP/1.1 204 No Content\r\n\r\n");
    PcapngWriter ng = new PcapngWriter(ByteOrder.BIG_ENDIAN).described(1, 0, new byte[0]);
    return Stream.of(
        seed(new PcapWriter(1).packet(1, ask).packet(2, answer).bytes()),
        seed(ng.packet(0, 1, ask, new byte[0]).oldPacket(0, 2, answer).simplePacket(ask).bytes()),
        seed(new PcapWriter(1).packet(1, ask).raw(new byte[70]).packet(2, answer).bytes()));
  }

  static Stream<Arguments> packets() {
    byte[] udp = Packets.udp(1, 4789, Packets.join(Packets.hex("08000000 00000000"), new byte[30]));
    byte[] ip = Packets.ip4(Packets.CLIENT, Packets.SERVER, 17, udp);
    byte[] gre =
        Packets.ip4(Packets.CLIENT, Packets.SERVER, 47, Packets.join(Packets.hex("0000 0800"), ip));
    byte[] fragment =
        Packets.fragment4(Packets.CLIENT, Packets.SERVER, 6, 7, 8, true, new byte[16]);
    byte[] six =
        Packets.ip6(
            Packets.CLIENT_6,
            Packets.SERVER_6,
            0,
            Packets.join(Packets.hex("2c00000000000000 1100000900000000"), udp));
    return Stream.of(ip, gre, fragment, six)
        .flatMap(
            p ->
                Stream.of(
                    seed(Packets.join(new byte[] {3}, p)),
                    seed(Packets.join(new byte[] {0}, Packets.ethernet(0x0800, p)))));
  }

  private static Arguments seed(byte[] bytes) {
    return Arguments.of((Object) bytes);
  }

  @MethodSource("files")
  @FuzzTest(maxDuration = "10m")
  void file(byte[] bytes) throws IOException {
    long read = 0;
    long[] passedOver = new long[1];
    try (CaptureFile file =
        CaptureFile.open(
            new ByteArrayInputStream(bytes), (at, count, why) -> passedOver[0] += count)) {
      Frame frame = new Frame();
      while (file.next(frame)) {
        assertThat(++read).isLessThanOrEqualTo(bytes.length * 1_100L); // as gzip packs at best
        assertThat(frame.captured).isBetween(0, frame.length);
        assertThat(frame.offset + frame.captured).isLessThanOrEqualTo(frame.bytes.length);
      }
      assertThat(passedOver[0])
          .isEqualTo(file.passedOverBytes())
          .isLessThanOrEqualTo(file.offset());
    } catch (NotACaptureException e) {
      assertThat(e).hasMessageContaining(" ");
    }
  }

  @MethodSource("packets")
  @FuzzTest(maxDuration = "10m")
  void packet(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    PacketCounters counters = new PacketCounters();
    PacketDecoder decoder = new PacketDecoder(counters);
    Frame frame = new Frame();
    frame.bytes = bytes;
    frame.offset = 1;
    frame.captured = bytes.length - 1;
    frame.length = frame.captured + (bytes[0] & 0xf0);
    frame.linkType = LINK_TYPES[bytes[0] & 7];
    int whole = decoder.decode(frame) == null ? 0 : 1;
    decoder.finish();
    long none = counters.get(PacketCounter.FRAGMENTS_LOST);
    for (PacketCounter counter : NO_SEGMENT) {
      none += counters.get(counter);
    }
    assertThat(none + whole).isEqualTo(counters.get(PacketCounter.PACKETS)).isEqualTo(1);
  }

  /** From file to rows: the sum is right, whatever comes. */
  @MethodSource("files")
  @FuzzTest(maxDuration = "10m")
  void decode(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream messages = new PrintStream(err, true, StandardCharsets.UTF_8);
    int exit =
        Decode.run(
            new String[] {"-", "--threads", "0"}, new ByteArrayInputStream(bytes), out, messages);
    assertThat(exit).isBetween(0, 1);
    String said = err.toString(StandardCharsets.UTF_8);
    assertThat(said).doesNotContain("bugs");
    Matcher sum =
        Pattern.compile(
                "captured=(\\d+) = decoded=(\\d+) \\+ skipped=(\\d+) \\+ gaps=(\\d+) \\+ truncated=(\\d+) \\+ opaque=(\\d+)\\R")
            .matcher(said);
    assertThat(sum.find()).as(said).isTrue();
    long parts = 0;
    for (int i = 2; i <= 6; i++) {
      parts += Long.parseLong(sum.group(i));
    }
    assertThat(parts).isEqualTo(Long.parseLong(sum.group(1)));
  }
}
