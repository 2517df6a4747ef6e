package io.kymo.acceptance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.acceptance.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernel module under misuse, on each kernel: it cannot be unloaded while it is mapped, can be
 * while processes talk, takes whatever comes in through its device, and the kernel never complains.
 */
class KernelModuleTest {
  private static final int LIMIT_SECONDS = 600;
  private static final Path ROOT = Path.of(System.getProperty("kymo.root"));
  private static final int GUESTS_AT_ONCE = 2;
  private static final Map<String, Future<Guest>> RUNS = new TreeMap<>();
  @TempDir private static Path directory;

  static Stream<String> series() {
    return Kernel.SERIES.stream();
  }

  @BeforeAll
  static void runAll() {
    Kernel.install();
    ExecutorService guests = Executors.newFixedThreadPool(GUESTS_AT_ONCE);
    for (String series : Kernel.SERIES) {
      RUNS.put(series, guests.submit(() -> run(series)));
    }
    guests.shutdown();
  }

  private static Guest run(String series) throws IOException, InterruptedException {
    Path share = Files.createDirectory(directory.resolve(series));
    Kernel kernel = Kernel.of(series);
    kernel.buildModule(share.resolve("kymo.ko"));
    Shell.run("make", "-s", "-C", ROOT.resolve("bpf/kmod").toString(), "BUILD=" + share, "abuse")
        .orFail();
    Files.copy(
        ROOT.resolve("acceptance/guest/abuse"),
        share.resolve("run"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Guest guest = new Guest(kernel, share);
    assertThat(guest.run(LIMIT_SECONDS)).as("%s", guest.console()).isZero();
    return guest;
  }

  @ParameterizedTest(name = "Linux {0}")
  @MethodSource("series")
  void staysWhole(String series) throws Exception {
    RUNS.get(series).get();
    Path share = directory.resolve(series);
    Path logs = share.resolve("logs");
    List<String> rounds = Files.readAllLines(logs.resolve("fuzz"));
    assertThat(rounds)
        .hasSize(3)
        .allMatch(line -> line.matches("[1-9]\\d+ taken, [1-9]\\d+ refused"));
    assertThat(Files.readAllLines(logs.resolve("alive"))).containsExactly("PONG");
    List<String> said = Files.readAllLines(logs.resolve("dmesg"));
    List<String> since =
        said.stream().dropWhile(line -> !line.contains("kymo: loading out-of-tree")).toList();
    assertThat(since).as("since it was loaded, of %s", said).isNotEmpty();
    assertThat(since)
        .noneMatch(
            line ->
                line.matches(
                    "(?i).*(\\bBUG\\b|\\boops|WARNING:|general protection|stall|call trace).*"));
  }
}
