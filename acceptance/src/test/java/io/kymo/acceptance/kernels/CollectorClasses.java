package io.kymo.acceptance.kernels;

import io.kymo.acceptance.Shell;
import io.kymo.acceptance.Stack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The collector's jars as the stack runs them, and an archive of the classes that it loads (JVM's
 * class data sharing): a guest's emulated processor would take most of its time for loading them.
 */
record CollectorClasses(String path, Path archive) {
  private static final int DUMP_SECONDS = 90;

  /** Lets a collector publish from this host for a moment, and keeps what it loaded. */
  static CollectorClasses archived(Stack stack) throws IOException, InterruptedException {
    Path directory = stack.lab.directory("classes");
    CollectorClasses classes =
        new CollectorClasses(
            Path.of(System.getProperty("kymo.root"), "local-stack/target/dist/lib") + "/*",
            directory.resolve("collector.jsa"));
    Process collector =
        Shell.start(
            directory.resolve("log"),
            List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ArchiveClassesAtExit=" + classes.archive,
                "-cp",
                classes.path,
                "io.kymo.collector.main.NodeCollector",
                "node.name=archive",
                "kafka.bootstrap.servers=127.0.0.1:" + stack.port("kafka"),
                "schema.registry.url=http://127.0.0.1:"
                    + stack.port("registry")
                    + "/apis/ccompat/v7",
                "http.port=0",
                "stats.interval.ms=100",
                "capture.only=" + stack.lab.filters().get(0)));
    stack.await(
        "SELECT 1 FROM collector_stats WHERE node = 'archive' LIMIT 1", rows -> !rows.isEmpty());
    collector.destroy();
    if (!collector.waitFor(DUMP_SECONDS, TimeUnit.SECONDS)) { // the archive is written at its end
      collector.destroyForcibly();
    }
    if (!Files.exists(classes.archive)) {
      throw new AssertionError(
          "no archive of classes: " + Files.readString(directory.resolve("log")));
    }
    return classes;
  }
}
