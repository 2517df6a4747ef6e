package io.kymo.collector.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.FunctionProbes;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is watched, and how long, over a tree that looks like /proc. */
class TlsWatchTest {
  private static final long NOW = 1_000_000_000_000L;
  private static final String LIBRARY =
      "int SSL_read(void *s, void *b, int n) { return n; }"
          + "int SSL_write(void *s, void *b, int n) { return n; }";

  @TempDir Path proc;
  @TempDir Path dir;
  private final Probes probes = new Probes();
  private final Counters counters = new Counters();
  private Path library;
  private TlsWatch watch;

  /** Counts what is attached. */
  private static final class Probes implements FunctionProbes {
    final AtomicInteger attached = new AtomicInteger();
    final AtomicInteger attempts = new AtomicInteger();
    volatile boolean refuse;

    @Override
    public Attachment attach(Path file, List<Probe> wanted) {
      assertThat(file).isReadable();
      assertThat(wanted).hasSize(4);
      attempts.incrementAndGet();
      if (refuse) {
        throw new DriverException("refused");
      }
      attached.incrementAndGet();
      return new Attached(wanted.size());
    }

    private final class Attached implements Attachment {
      private int left;

      Attached(int probes) {
        left = probes;
      }

      @Override
      public boolean release() {
        if (left > 0 && --left == 0) {
          attached.decrementAndGet();
        }
        return left > 0;
      }

      @Override
      public void close() {
        while (release()) {
          // the next one
        }
      }
    }

    @Override
    public void tell(long inode, GoLayout layout) {
      throw new AssertionError("nothing is Go here");
    }

    @Override
    public void tellMappings() {}
  }

  @BeforeEach
  void makeLibrary() throws Exception {
    library = Clang.compile(dir, LIBRARY, "-shared", "-fPIC", "-Wl,-soname,libssl.so.9");
    Files.writeString(proc.resolve("stat"), "btime 1000000000\n");
    watch = new TlsWatch(proc, Scope.ALL, 1, probes, counters);
  }

  @AfterEach
  void end() {
    watch.close();
  }

  /** A process runs that has the library mapped from this device, as inode 7. */
  private void runs(int pid, String device) throws IOException {
    Path process = Files.createDirectories(proc.resolve(pid + "/map_files")).getParent();
    Files.writeString(
        process.resolve("maps"),
        "7f0a1d000000-7f0a1d021000 r-xp 00001000 " + device + " 7    /usr/lib/libssl.so.9\n");
    Files.copy(library, process.resolve("map_files/7f0a1d000000-7f0a1d021000"));
    Path namespaces = Files.createDirectories(process.resolve("ns"));
    Files.createSymbolicLink(namespaces.resolve("net"), Path.of("net:[4026531840]"));
  }

  private void ends(int pid) throws IOException {
    for (String file : List.of("maps", "map_files/7f0a1d000000-7f0a1d021000", "ns/net")) {
      Files.delete(proc.resolve(pid + "/" + file));
    }
  }

  /** What the kernel tells is looked at by another thread. */
  private void awaitAttached(int files) {
    for (int i = 0; i < 10_000 && watch.attached() != files; i++) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(watch.attached()).isEqualTo(files);
  }

  @Test
  void isLetGoAMinuteAfterItsLastUser() throws IOException {
    runs(11, "fe:00");
    runs(12, "fe:00");
    watch.round(NOW);
    assertThat(probes.attached).hasValue(1);
    assertThat(watch.report())
        .containsExactly("/usr/lib/libssl.so.9: openssl (libssl.so.9), 4 probes");
    ends(11);
    watch.round(NOW + 50_000);
    ends(12);
    watch.round(NOW + 110_000);
    assertThat(watch.attached()).isEqualTo(1);
    watch.round(NOW + 110_001);
    assertThat(watch.attached()).isZero();
    assertThat(watch.report()).isEmpty();
    for (int i = 0; i < 10_000 && probes.attached.get() > 0; i++) {
      LockSupport.parkNanos(1_000_000); // another thread lets go of it
    }
    assertThat(probes.attached).hasValue(0);
    runs(13, "fe:00");
    watch.mapped(13, 0xfe00000, 7);
    awaitAttached(1);
    assertThat(probes.attempts).hasValue(2);
  }

  @Test
  void anotherDevicesFileOfTheSameNumberIsAnotherFile() throws IOException {
    runs(11, "00:2a");
    watch.mapped(11, 0x2a, 7);
    awaitAttached(1);
    watch.mapped(11, 0x2a, 7);
    runs(12, "103:2c");
    watch.mapped(12, 0x10300000 | 0x2c, 7);
    awaitAttached(2);
    assertThat(probes.attempts).hasValue(2);
  }

  /** As mmap tells it on older kernels: the overlay's device, of which /proc knows nothing. */
  @Test
  void aFileBelowAnOverlayIsLookedAtOnce() throws IOException {
    runs(11, "fe:00");
    watch.mapped(11, 0x2b, 7);
    awaitAttached(1);
    runs(12, "fe:01");
    watch.mapped(12, 0x2b, 7); // so was process 11's file called: nothing to look at
    runs(13, "fe:02");
    watch.mapped(13, 0xfe00002, 7);
    awaitAttached(2);
    assertThat(probes.attempts).hasValue(2);
  }

  @Test
  void whatTheKernelRefusesIsReportedAndNotTriedAgain() throws IOException {
    probes.refuse = true;
    runs(11, "fe:00");
    watch.round(NOW);
    watch.round(NOW + 5_000);
    assertThat(probes.attempts).hasValue(1);
    assertThat(counters.get(CollectorCounter.TLS_FILES_REFUSED)).isEqualTo(1);
    assertThat(watch.attached()).isZero();
    assertThat(watch.report())
        .containsExactly(
            "/usr/lib/libssl.so.9: openssl (libssl.so.9), not watched: refused by the kernel");
  }

  @Test
  void everythingIsLetGoAtTheEnd() throws IOException {
    runs(11, "fe:00");
    watch.round(NOW);
    watch.close();
    assertThat(probes.attached).hasValue(0);
  }
}
