package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.ebpf.Recorder.Facts;
import io.kymo.schemas.Role;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real calls on real sockets, seen by the real programs; needs root, BTF, and clang at build time.
 */
@Tag("kernel")
class KernelCaptureTest {
  private static final int BUDGET = 64 << 10;
  @TempDir private Path directory;

  /** Subclasses run the same with another; null: as this kernel takes it. */
  Flavour flavour() {
    return null;
  }

  /** Subclasses run the same with others. */
  EbpfOptions options() {
    return new EbpfOptions(Transport.RINGBUF, null);
  }

  private Capture capture(DriverSettings settings) {
    return new Capture(settings, options(), flavour());
  }

  private static Recorder captured(Traffic traffic, Capture capture) throws IOException {
    traffic.run();
    Recorder recorder = capture.finish();
    assertThat(capture.count(KernelCounter.LOST_RING_EVENTS)).isZero();
    assertThat(capture.count(KernelCounter.SEEN_SEGMENTS)).isEqualTo(recorder.segments);
    assertThat(capture.count(KernelCounter.SEEN_BYTES)).isEqualTo(recorder.segmentBytes);
    assertThat(capture.count(KernelCounter.UNREADABLE_CALLS)).isZero();
    assertThat(capture.count(KernelCounter.FAULT_BYTES)).isZero();
    return recorder;
  }

  /** Captured, with every call, and the beginning and end of every socket. */
  private static Recorder whole(Traffic traffic, Capture capture) throws IOException {
    Recorder recorder = captured(traffic, capture);
    Compare.calls(traffic, recorder, BUDGET);
    Compare.lives(traffic, recorder);
    Compare.ends(traffic, recorder);
    return recorder;
  }

  @Test
  void everyCallOverTcpAndUnix() throws IOException {
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("streams", directory.resolve("socket").toString())) {
      Recorder recorder = whole(traffic, capture);
      Compare.positions(traffic, recorder);
      assertThat(recorder.tgids).containsExactly(traffic.pid);
      io.kymo.schemas.Transport[] transports = {
        io.kymo.schemas.Transport.TCP,
        io.kymo.schemas.Transport.TCP,
        io.kymo.schemas.Transport.UNIX_STREAM,
        io.kymo.schemas.Transport.UNIX_STREAM,
        io.kymo.schemas.Transport.UNIX_STREAM
      };
      int[] lengths = {4, 16, 0, 0, 0};
      String[] paths = {"", "", directory.resolve("socket").toString(), "@kymo-traffic", ""};
      for (int i = 0; i < transports.length; i++) {
        long[] pair = traffic.pairs.get(i);
        Facts client = last(recorder, pair[0]);
        Facts server = last(recorder, pair[1]);
        for (Facts facts : new Facts[] {client, server}) {
          assertThat(facts.transport()).isEqualTo(transports[i].wireId());
          assertThat(facts.addressLength()).isEqualTo(lengths[i]);
          assertThat(facts.path()).isEqualTo(paths[i]);
          assertThat(facts.comm()).isEqualTo("traffic");
          assertThat(facts.netns()).isEqualTo(traffic.netns);
          assertThat(facts.preexisting()).isFalse();
        }
        if (lengths[i] > 0) {
          assertThat(client.local()).isEqualTo(server.remote());
          assertThat(client.remote()).isEqualTo(server.local());
          assertThat(client.localPort()).isEqualTo(server.remotePort()).isNotZero();
          assertThat(client.remotePort()).isEqualTo(server.localPort()).isNotZero();
        } else {
          assertThat(client.peerSocket()).isEqualTo(pair[1]);
          assertThat(server.peerSocket()).isEqualTo(pair[0]);
        }
        boolean connected = i < 4;
        assertThat(client.role()).isEqualTo((connected ? Role.CLIENT : Role.UNKNOWN).wireId());
        assertThat(server.role()).isEqualTo((connected ? Role.SERVER : Role.UNKNOWN).wireId());
      }
    }
  }

  private static Facts last(Recorder recorder, long inode) {
    return recorder.facts.get(inode).get(recorder.facts.get(inode).size() - 1);
  }

  @Test
  void mappedAddressesAreTheShortOnes() throws IOException {
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("mapped")) {
      Recorder recorder = captured(traffic, capture);
      Compare.calls(traffic, recorder, BUDGET);
      long[] pair = traffic.pairs.get(0);
      Facts client = last(recorder, pair[0]);
      assertThat(client.addressLength()).isEqualTo(4);
      assertThat(client.local()).containsExactly(127, 0, 0, 1);
      assertThat(client.remote()).containsExactly(127, 0, 0, 1);
    }
  }

  @Test
  void datagramsWithTheirPeers() throws IOException {
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("datagrams")) {
      Recorder recorder = whole(traffic, capture);
      Compare.positions(traffic, recorder);
    }
  }

  @Test
  void sendfileAndSpliceTellSizes() throws IOException {
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("sizes", directory.resolve("file").toString())) {
      Recorder recorder = captured(traffic, capture);
      Compare.calls(traffic, recorder, BUDGET);
      Compare.positions(traffic, recorder);
      assertThat(capture.count(KernelCounter.SIZE_ONLY_BYTES)).isEqualTo(4000 + 700 + 700);
    }
  }

  @Test
  void peeksAndFailuresAreNoData() throws IOException {
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("nothing")) {
      Recorder recorder = whole(traffic, capture);
      Compare.positions(traffic, recorder);
    }
  }

  @Test
  void largeMessagesAreSplitAndTheBudgetRenewsWhenTheDirectionTurns() throws IOException {
    int size = 200_000;
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("large", Integer.toString(size))) {
      Recorder recorder = captured(traffic, capture);
      long[] pair = traffic.pairs.get(0);
      Traffic egress = traffic;
      egress.calls.keySet().removeIf(key -> key.equals(Traffic.key(pair[1], false)));
      recorder.pieces.remove(Traffic.key(pair[1], false));
      Compare.calls(egress, recorder, BUDGET);
      assertThat(capture.count(KernelCounter.BUDGET_BYTES)).isEqualTo(2L * 2 * (size - BUDGET));
      assertThat(capture.count(KernelCounter.IOVEC_BYTES)).isZero();
    }
  }

  @Test
  void aSocketIsClosedWhenTheLastOneLetsGo() throws IOException {
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("shared")) {
      Recorder recorder = whole(traffic, capture);
      assertThat(recorder.processes).containsAll(traffic.processes);
    }
  }

  @Test
  void connectionsBeginAndEnd() throws IOException {
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("lives")) {
      Recorder recorder = whole(traffic, capture);
      Compare.positions(traffic, recorder);
      assertThat(recorder.processes).containsAll(traffic.processes);
    }
  }

  @Test
  void theEndOfAProcessClosesItsSockets() throws IOException {
    try (Capture capture = capture(DriverSettings.of(Capture.children()));
        Traffic traffic = new Traffic("killed")) {
      Recorder recorder = whole(traffic, capture);
      assertThat(recorder.processes).containsAll(traffic.processes);
      assertThat(recorder.processes)
          .filteredOn(told -> told.startsWith("EXIT"))
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void rawTracepointsSeeTheSame() throws IOException {
    try (Capture capture =
            new Capture(DriverSettings.of(Capture.children()), options(), Flavour.RAW);
        Traffic traffic = new Traffic("streams", directory.resolve("socket").toString())) {
      assertThat(capture.driver.describe()).contains("raw_tp");
      Recorder recorder = captured(traffic, capture);
      Compare.calls(traffic, recorder, BUDGET);
      Compare.positions(traffic, recorder);
      Compare.lives(traffic, recorder);
    }
  }

  @Test
  void whatTheRingCanNotHoldIsCountedExactly() throws IOException {
    int messages = 20_000;
    DriverSettings small =
        new DriverSettings(
            Capture.children(), 64 << 10, BUDGET, 0, DriverSettings.SEGMENT_BYTES_MAX, 1024);
    try (Capture capture = capture(small);
        Traffic traffic = new Traffic("flood", Integer.toString(messages))) {
      traffic.run();
      Recorder recorder = capture.finish();
      long lost = capture.count(KernelCounter.LOST_RING_SEGMENTS);
      assertThat(lost).isPositive();
      assertThat(recorder.segments).isPositive();
      assertThat(recorder.segments + lost).isEqualTo(2L * messages);
      assertThat(recorder.segmentBytes + capture.count(KernelCounter.LOST_RING_BYTES))
          .isEqualTo(2L * messages * 64);
      assertThat(capture.count(KernelCounter.SEEN_SEGMENTS)).isEqualTo(2L * messages);
      assertThat(capture.count(KernelCounter.LOST_RING_EVENTS)).isGreaterThanOrEqualTo(lost);
    }
  }

  @Test
  void socketsThatFindNoRoomAreCounted() throws IOException {
    int pairs = 400;
    int room = 128;
    DriverSettings small =
        new DriverSettings(
            Capture.children(), 8 << 20, BUDGET, 0, DriverSettings.SEGMENT_BYTES_MAX, room);
    try (Capture capture = capture(small);
        Traffic traffic = new Traffic("many", Integer.toString(pairs))) {
      traffic.run();
      Recorder recorder = capture.finish();
      assertThat(recorder.segments).isEqualTo(2L * pairs);
      long kept = capture.count(KernelCounter.SOCKETS_KEPT);
      long lost = capture.count(KernelCounter.LOST_SOCKETS);
      assertThat(kept).isGreaterThanOrEqualTo(2L * pairs);
      assertThat(lost).isBetween(2L * pairs - room, kept);
    }
  }

  @Test
  void socketsThatWereOpenBefore() throws IOException {
    try (Traffic traffic = new Traffic("preexisting");
        Capture capture = capture(DriverSettings.of(Capture.children()))) {
      Recorder recorder = whole(traffic, capture);
      Compare.positions(traffic, recorder);
      for (long inode : traffic.pairs.get(0)) {
        assertThat(last(recorder, inode).preexisting()).isTrue();
        assertThat(last(recorder, inode).role()).isEqualTo(Role.UNKNOWN.wireId());
      }
    }
  }
}
