package io.kymo.captures;

import static io.kymo.captures.Packets.hex;
import static io.kymo.captures.Packets.join;
import static io.kymo.captures.Packets.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.collector.driver.pcap.file.CaptureFile;
import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.file.NotACaptureException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class CaptureFileTest {
  private static final long TIME = 1_700_000_000_123_456_789L;
  private static final byte[] NONE = {};

  private final List<String> troubles = new ArrayList<>();
  private long dropped;

  /** One line a packet: time, text, length, link type, interface, heading. */
  private List<String> read(byte[] file) throws IOException {
    return read(file, file.length);
  }

  private List<String> read(byte[] file, long length) throws IOException {
    List<String> lines = new ArrayList<>();
    InputStream dribble =
        new ByteArrayInputStream(file) {
          @Override
          public synchronized int read(byte[] to, int offset, int length) {
            return super.read(to, offset, Math.min(length, 7));
          }
        };
    try (CaptureFile capture =
        CaptureFile.open(dribble, (at, count, why) -> troubles.add(at + "+" + count + " " + why))) {
      Frame f = new Frame();
      while (capture.next(f)) {
        String text = new String(f.bytes, f.offset, f.captured, StandardCharsets.ISO_8859_1);
        lines.add(
            "%d %s/%d link %d on %d heading %d"
                .formatted(f.timeNs, text, f.length, f.linkType, f.seenOn, f.heading));
      }
      dropped = capture.droppedByCapture();
      assertThat(capture.offset()).isEqualTo(length);
    }
    return lines;
  }

  @Test
  void classicInBothByteOrdersAndUnits() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      for (boolean nanos : new boolean[] {false, true}) {
        byte[] file =
            new PcapWriter(113, order, nanos, 5)
                .packet(TIME, text("abc"))
                .packet(TIME + 1_000, text("abcdefg"))
                .bytes();
        long first = nanos ? TIME : TIME / 1_000 * 1_000;
        assertThat(read(file))
            .containsExactly(
                first + " abc/3 link 113 on 0 heading 0",
                (first + 1_000) + " abcde/7 link 113 on 0 heading 0");
      }
    }
    assertThat(troubles).isEmpty();
  }

  @Test
  void compressed() throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    byte[] file = new PcapWriter(1).packet(TIME, text("abc")).bytes();
    try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
      zip.write(file);
    }
    byte[] whole = zipped.toByteArray();
    List<String> packets = new ArrayList<>();
    for (byte[] bytes : List.of(whole, Arrays.copyOf(whole, whole.length - 9))) {
      try (CaptureFile capture =
          CaptureFile.open(
              new ByteArrayInputStream(bytes), (at, count, why) -> troubles.add(why))) {
        Frame frame = new Frame();
        while (capture.next(frame)) {
          packets.add(
              new String(frame.bytes, frame.offset, frame.captured, StandardCharsets.UTF_8));
        }
      }
    }
    assertThat(packets).contains("abc");
    assertThat(troubles).hasSize(1).allMatch(why -> why.startsWith("compressed data broken"));
  }

  @Test
  void whatStandsBehindCompressedDataIsNamed() throws IOException {
    byte[] first = zipped(new PcapWriter(1).packet(TIME, text("abc")).bytes());
    byte[] rest = zipped(new PcapWriter(1).packet(TIME, text("d")).bytes(), 24);
    int unpacked = 24 + 16 + 3;
    for (int garbage : new int[] {1, 7, 30, 100_000}) {
      troubles.clear();
      byte[] file = join(first, "x".repeat(garbage).getBytes(StandardCharsets.US_ASCII));
      assertThat(read(file, unpacked)).hasSize(1);
      assertThat(troubles)
          .containsExactly(
              unpacked + "+" + garbage + " what follows the compressed data is not gzip");
    }
    troubles.clear();
    assertThat(read(join(first, rest), unpacked + 16 + 1)).hasSize(2);
    assertThat(troubles).isEmpty();
  }

  private static byte[] zipped(byte[] bytes) throws IOException {
    return zipped(bytes, 0);
  }

  private static byte[] zipped(byte[] bytes, int from) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
      zip.write(bytes, from, bytes.length - from);
    }
    return zipped.toByteArray();
  }

  @Test
  void zerosAreNoPackets() throws IOException {
    for (int zeros : new int[] {16, 17, 5_000}) {
      troubles.clear();
      PcapWriter w = new PcapWriter(1).packet(TIME, text("abc")).raw(new byte[zeros]);
      assertThat(read(w.bytes())).hasSize(1);
      assertThat(troubles).hasSize(1).allMatch(why -> why.startsWith("43+" + zeros + " "));
      w.packet(TIME + 5, text("defg")).packet(TIME + 6, text("h"));
      assertThat(read(w.bytes())).hasSize(3);
    }
  }

  @Test
  void compressedButBrokenAtOnce() {
    byte[] cut = {0x1f, (byte) 0x8b, 8};
    byte[] method = {0x1f, (byte) 0x8b, 7, 0, 0, 0, 0, 0, 0, 0};
    byte[] data = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff};
    for (byte[] bytes : List.of(cut, method, data)) {
      assertThatThrownBy(() -> read(bytes))
          .isInstanceOf(NotACaptureException.class)
          .hasMessageMatching("(begins like gzip|cannot be unpacked).+: .+");
    }
  }

  @Test
  void pcapngWithAllKindsOfBlocks() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      PcapngWriter w = new PcapngWriter(order);
      byte[] nanos =
          join(w.option(2, text("eth0")), w.option(9, new byte[] {9}), w.option(0, NONE));
      byte[] binary = w.option(9, new byte[] {(byte) 0x8a});
      byte[] late = w.option(14, w.buffer(8).putLong(100).array());
      byte[] outbound = w.option(2, w.buffer(4).putInt(2).array());
      byte[] drops = join(new byte[12], w.option(5, w.buffer(8).putLong(17).array()));
      w.described(1, 0, nanos).described(101, 3, binary).described(276, 0, late);
      w.block(4, text("names of hosts.."))
          .block(0x0bad, text("custom.."))
          .block(10, text("secrets."));
      w.packet(0, TIME, text("abc"), outbound);
      w.packet(1, 1_024L * 1_700_000_000L + 512, text("abcd"), NONE);
      w.packet(2, 1_000_000L, text("late"), NONE);
      w.oldPacket(0, TIME, text("old"));
      w.simplePacket(text("simple"));
      w.block(5, drops);
      w.section().described(113, 0, NONE).packet(0, 7, text("second section"), NONE);
      assertThat(read(w.bytes()))
          .containsExactly(
              TIME + " abc/3 link 1 on 0 heading 2",
              "1700000000500000000 abcd/4 link 101 on 1 heading 0",
              "101000000000 late/4 link 276 on 2 heading 0",
              TIME + " old/3 link 1 on 0 heading 0",
              TIME + " simple/6 link 1 on 0 heading 0",
              "7000 second section/14 link 113 on 3 heading 0");
      assertThat(dropped).isEqualTo(17);
    }
    assertThat(troubles).isEmpty();
  }

  @Test
  void whatIsCutAtTheEndIsNamed() throws IOException {
    byte[] file = new PcapWriter(1).packet(TIME, text("abc")).packet(TIME, text("defg")).bytes();
    assertThat(read(Arrays.copyOf(file, file.length - 1))).hasSize(1);
    assertThat(read(Arrays.copyOf(file, file.length - 10))).hasSize(1);
    byte[] ng = new PcapngWriter(ByteOrder.BIG_ENDIAN).described(1, 0, NONE).bytes();
    assertThat(read(Arrays.copyOf(ng, ng.length - 2))).isEmpty();
    assertThat(troubles)
        .containsExactly(
            "43+19 the file ends in the middle of a packet",
            "43+10 the file ends in the middle of a packet's header",
            "28+18 the file ends in the middle of a block");
  }

  @Test
  void readingGoesOnBehindDamage() throws IOException {
    byte[] garbage = new byte[100];
    Arrays.fill(garbage, (byte) 0xee);
    byte[] file =
        new PcapWriter(1)
            .packet(TIME, text("abc"))
            .raw(garbage)
            .packet(TIME + 5, text("defg"))
            .packet(TIME + 6, text("h"))
            .bytes();
    assertThat(read(file))
        .containsExactly(
            TIME + " abc/3 link 1 on 0 heading 0",
            (TIME + 5) + " defg/4 link 1 on 0 heading 0",
            (TIME + 6) + " h/1 link 1 on 0 heading 0");
    assertThat(troubles).containsExactly("43+100 no packet begins here");
  }

  @Test
  void readingOfPcapngGoesOnBehindDamage() throws IOException {
    PcapngWriter w = new PcapngWriter(ByteOrder.LITTLE_ENDIAN).described(1, 0, NONE);
    w.packet(0, 1, text("abc"), NONE);
    int before = w.bytes().length;
    w.raw(hex("06000000 20000000 00000000 00000000 00000000 00000000 00000000 24000000"));
    w.packet(0, 2, text("def"), NONE);
    w.packet(5, 3, text("whose?"), NONE);
    w.packet(0, 4, text("ghi"), NONE);
    assertThat(read(w.bytes()))
        .containsExactly(
            "1000 abc/3 link 1 on 0 heading 0",
            "2000 def/3 link 1 on 0 heading 0",
            "4000 ghi/3 link 1 on 0 heading 0");
    assertThat(troubles)
        .containsExactly(
            before + "+32 the two lengths of a block differ",
            (before + 32 + 36) + "+40 a packet of an interface that is not described");
  }

  @Test
  void whatIsNoCaptureIsRefused() {
    assertThatThrownBy(() -> read(text("GIF89a is something else")))
        .isInstanceOf(NotACaptureException.class)
        .hasMessage("is neither pcap nor pcapng: begins with 47494638");
    assertThatThrownBy(() -> read(NONE)).hasMessage("is empty");
    assertThatThrownBy(() -> read(Arrays.copyOf(new PcapWriter(1).bytes(), 10)))
        .hasMessage("is cut within its header, after 10 bytes");
  }
}
