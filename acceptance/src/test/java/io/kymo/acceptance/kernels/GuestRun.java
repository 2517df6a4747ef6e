package io.kymo.acceptance.kernels;

import io.kymo.acceptance.Stack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * acceptance/guest/run on one kernel: a collector for each driver, all watching the same clients
 * and servers, each publishing to the stack's Kafka as a node of its own.
 */
final class GuestRun {
  /** Stands in settings for the directory that the guest shares. */
  private static final String SHARE = "{share}";

  private static final int LIMIT_SECONDS = 900;

  /** After its collectors have ended: what is doubled comes late, too. */
  private static final int SETTLE_MS = 5_000;

  /** Drivers by name, with the collector's settings that choose them. */
  static final Map<String, List<String>> DRIVERS =
      Map.of(
          "ebpf-ring",
          List.of("capture.driver=ebpf", "capture.transport=ringbuf"),
          "ebpf-perf",
          List.of("capture.driver=ebpf", "capture.transport=perfbuf"),
          "kmod",
          List.of("capture.driver=kmod", "capture.module=" + SHARE + "/kymo.ko"));

  final Kernel kernel;
  private final Path share;

  private GuestRun(Kernel kernel, Path share) {
    this.kernel = kernel;
    this.share = share;
  }

  /**
   * Runs it to its end.
   *
   * @param classes the collector's
   */
  static GuestRun of(Kernel kernel, Stack stack, CollectorClasses classes)
      throws IOException, InterruptedException {
    Path root = Path.of(System.getProperty("kymo.root"));
    Path share = stack.lab.directory("guest-" + kernel.series());
    Files.copy(
        root.resolve("acceptance/guest/run"),
        share.resolve("run"),
        StandardCopyOption.COPY_ATTRIBUTES);
    kernel.buildModule(share.resolve("kymo.ko"));
    GuestRun run = new GuestRun(kernel, share);
    Files.write(
        share.resolve("environment"),
        List.of(
            "JAVA=" + Path.of(System.getProperty("java.home"), "bin/java"),
            "CLASSES='" + classes.path() + "'",
            "ARCHIVE=" + classes.archive(),
            "KAFKA_PORT=" + stack.port("kafka"),
            "REGISTRY_PORT=" + stack.port("registry")));
    Path drivers = Files.createDirectories(share.resolve("drivers"));
    for (Map.Entry<String, List<String>> driver : DRIVERS.entrySet()) {
      Files.writeString(
          drivers.resolve(driver.getKey() + ".properties"),
          String.join(
              "\n",
              "node.name=" + run.node(driver.getKey()),
              "kafka.bootstrap.servers=127.0.0.1:" + stack.port("kafka"),
              "schema.registry.url=http://127.0.0.1:" + stack.port("registry") + "/apis/ccompat/v7",
              "capture.only=netns:/run/netns/client,netns:/run/netns/server",
              String.join("\n", driver.getValue()).replace(SHARE, share.toString())));
    }
    Guest guest = new Guest(kernel, share);
    int exit = guest.run(LIMIT_SECONDS);
    if (exit != 0) {
      throw new AssertionError("the run on " + kernel.release() + " failed:\n" + guest.console());
    }
    Stack.pause(SETTLE_MS);
    return run;
  }

  /** The name under which a driver's collector publishes. */
  String node(String driver) {
    return kernel.series() + "-" + driver;
  }

  /** When the workload began, in seconds since the epoch. */
  String begin() {
    try {
      return log("begin").get(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a process in the guest left under logs/. */
  List<String> log(String name) throws IOException {
    return Files.readAllLines(share.resolve("logs").resolve(name));
  }
}
