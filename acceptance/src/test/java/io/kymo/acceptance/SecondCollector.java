package io.kymo.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A collector beside the stack's own, with other settings, of the same lab and the same Kafka: what
 * both tell can be compared. Its rows bear its name as their node.
 */
final class SecondCollector implements AutoCloseable {
  private final Process process;
  private final Path log;

  /** Starts it, and waits until it captures. */
  SecondCollector(Stack stack, String node, String... settings) {
    log = stack.lab.work.resolve(node + ".log");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                Path.of(System.getProperty("kymo.root"), "local-stack/target/dist/lib") + "/*",
                "io.kymo.collector.main.NodeCollector",
                "node.name=" + node,
                "kafka.bootstrap.servers=127.0.0.1:" + stack.port("kafka"),
                "schema.registry.url=http://127.0.0.1:"
                    + stack.port("registry")
                    + "/apis/ccompat/v7",
                "http.port=0",
                "capture.only=" + String.join(",", stack.lab.filters())));
    command.addAll(List.of(settings));
    process = Shell.start(log, command);
    Await.that(
        node + " captures",
        () -> {
          if (!process.isAlive()) {
            throw new AssertionError("the collector ended: " + log());
          }
          return log().contains("health and metrics at");
        });
  }

  /** What it has said. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Shell.end(process);
  }
}
