package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.tls.TlsWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Plaintext of the OpenSSL that is installed, byte for byte, through both ways out. */
@Tag("kernel")
class TlsCaptureTest {
  private static final int SELF = (int) ProcessHandle.current().pid();
  private static final int PAIRS = 12; // with two threads each: more than there are processors
  private static final int ROUNDS = 40;

  /** Checks each event of a plaintext as it comes. */
  private static final class Plaintexts implements EventHandler {
    final Set<Long> sockets = new HashSet<>();
    final Map<String, Long> bytes = new LinkedHashMap<>();
    final Map<Long, Integer> pairs = new LinkedHashMap<>();
    long segments;
    long segmentBytes;
    private final byte[] payload = new byte[DriverSettings.SEGMENT_BYTES_MAX];

    @Override
    public void onSocket(SocketEvent e) {
      sockets.add(e.socket());
    }

    @Override
    public void onData(DataEvent e) {
      segments++;
      segmentBytes += e.length();
      assertThat(sockets).contains(e.socket());
      if (!e.plaintext()) {
        return;
      }
      String key = Traffic.key(e.socket(), e.direction() == DataEvent.EGRESS);
      assertThat(e.preexisting()).isFalse();
      assertThat(e.captured()).isEqualTo(e.length());
      assertThat(e.position()).as(key).isEqualTo(bytes.getOrDefault(key, 0L));
      bytes.merge(key, (long) e.length(), Long::sum);
      e.payload(payload, 0, e.captured());
      byte first = (byte) (payload[0] - TlsTraffic.at(0, e.position()));
      int pair = pairs.computeIfAbsent(e.socket(), k -> (first * 223 & 0xFF)); // 31 * 223 = 1
      for (int i = 0; i < e.captured(); i++) {
        if (payload[i] != TlsTraffic.at(pair, e.position() + i)) {
          throw new AssertionError(key + " differs at " + (e.position() + i));
        }
      }
    }

    @Override
    public void onDatagram(DatagramEvent e) {
      throw new AssertionError("no datagram was sent");
    }

    @Override
    public void onLife(LifeEvent e) {}

    @Override
    public void onProcess(ProcessEvent e) {}
  }

  /** However seldom this process gets a processor: the buffers hold all that is sent. */
  private static DriverSettings roomForAll() {
    DriverSettings usual = DriverSettings.of(Capture.children());
    return new DriverSettings(
        usual.scope(),
        128 << 20,
        usual.burstBytes(),
        usual.burstPauseNanos(),
        usual.segmentBytes(),
        usual.maxSockets());
  }

  @ParameterizedTest
  @EnumSource(names = {"RINGBUF", "PERFBUF"})
  void isWhatWasSent(Transport transport) throws IOException {
    Plaintexts seen = new Plaintexts();
    try (Capture capture = new Capture(roomForAll(), new EbpfOptions(transport, null), null);
        TlsTraffic traffic = new TlsTraffic(PAIRS, ROUNDS);
        TlsWatch watch =
            new TlsWatch(
                Path.of("/proc"),
                Capture.children(),
                SELF,
                capture.driver.functionProbes(),
                new Counters())) {
      assertThat(capture.driver.describe()).doesNotContain("tls_");
      watch.start();
      while (watch.attached() < 2 && traffic.runs()) {
        LockSupport.parkNanos(1_000_000);
      }
      assertThat(watch.report()).hasSize(2);
      assertThat(watch.report().get(0)).contains("libcrypto");
      assertThat(watch.report().get(1)).contains("libssl");
      traffic.go();
      while (traffic.runs()) {
        if (capture.driver.poll(seen, 1000) == 0) {
          LockSupport.parkNanos(500_000);
        }
      }
      capture.finish(seen);
      traffic.ended();
      assertThat(seen.bytes).isEqualTo(traffic.sent);
      assertThat(seen.pairs).isEqualTo(traffic.pairs);
      assertThat(capture.count(KernelCounter.LOST_RING_EVENTS)).isZero();
      assertThat(capture.count(KernelCounter.FAULT_BYTES)).isZero();
      assertThat(capture.count(KernelCounter.TLS_UNTIED_BYTES)).isZero();
      assertThat(capture.count(KernelCounter.SEEN_SEGMENTS)).isEqualTo(seen.segments);
      assertThat(capture.count(KernelCounter.SEEN_BYTES)).isEqualTo(seen.segmentBytes);
    }
  }
}
