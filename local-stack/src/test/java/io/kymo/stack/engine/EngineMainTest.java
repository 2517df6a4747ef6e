package io.kymo.stack.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.stack.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process: how it starts, ends, and what survives it. */
@Tag("engine")
class EngineMainTest {
  @TempDir Path directory;

  @Test
  void acknowledgedRowsSurviveKill() throws Exception {
    AtomicInteger acknowledged = new AtomicInteger();
    try (EngineProcess engine = EngineProcess.start(directory)) {
      engine.sql("CREATE TABLE kept (a UInt64) ENGINE = MergeTree ORDER BY a");
      ExecutorService threads = Executors.newSingleThreadExecutor();
      Future<?> writing =
          threads.submit(
              () -> {
                while (true) {
                  engine.sql("INSERT INTO kept VALUES (" + acknowledged.get() + ")");
                  acknowledged.incrementAndGet();
                }
              });
      engine.process().await(() -> acknowledged.get() > 50);
      engine.process().kill();
      assertThat(writing).failsWithin(java.time.Duration.ofSeconds(30));
      threads.shutdown();
    }
    try (EngineProcess engine = EngineProcess.start(directory)) {
      String rows = engine.sql("SELECT count(), uniqExact(a), max(a) + 1 FROM kept").strip();
      int n = Integer.parseInt(rows.substring(0, rows.indexOf('\t')));
      assertThat(n).isBetween(acknowledged.get(), acknowledged.get() + 1);
      assertThat(rows).isEqualTo(n + "\t" + n + "\t" + n);
    }
  }

  @Test
  void sigtermEndsItInOrderEvenUnderAStatement() throws Exception {
    try (EngineProcess engine = EngineProcess.start(directory)) {
      engine.sql("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a");
      ExecutorService threads = Executors.newSingleThreadExecutor();
      Future<String> endless =
          threads.submit(
              () -> engine.post("", "SELECT count() FROM numbers(1000000000000)").body());
      engine
          .process()
          .await(() -> engine.sql("SELECT count() FROM system.processes").equals("2\n"));
      assertThat(engine.process().terminate()).isEqualTo(143);
      assertThat(endless.get()).contains("QUERY_WAS_CANCELLED");
      assertThat(engine.process().log()).doesNotContain("SIGSEGV", "ERROR", "terminate called");
      threads.shutdown();
    }
    try (EngineProcess engine = EngineProcess.start(directory)) {
      assertThat(engine.sql("SHOW TABLES")).isEqualTo("t\n");
    }
  }

  @Test
  void aMissingOrBrokenLibraryIsOneLineAndExit2() throws Exception {
    Path missing = directory.resolve("node_modules/@chdb/lib/libchdb.so");
    assertRefuses(missing, "not found", "local-stack/bin/install-engine " + directory);
    Path broken = directory.resolve("libchdb.so");
    Files.writeString(broken, "not a library");
    assertRefuses(broken, "cannot be used", "local-stack/bin/install-engine ");
    assertRefuses(
        Path.of("/lib/x86_64-linux-gnu/libz.so.1"), "", "local-stack/bin/install-engine ");
  }

  private void assertRefuses(Path library, String... words) throws Exception {
    try (ServerProcess process =
        ServerProcess.java(
            Files.createTempFile(directory, "log", null),
            EngineMain.class,
            64,
            "data.dir=" + directory.resolve("data"),
            "http.port=" + ServerProcess.freePort(),
            "library.path=" + library)) {
      assertThat(process.exit()).isEqualTo(2);
      assertThat(process.log().lines()).singleElement().asString().contains(words);
    }
  }

  @Test
  void aSecondProcessOnTheSameDirectoryIsRefused() throws Exception {
    try (EngineProcess engine = EngineProcess.start(directory);
        ServerProcess second =
            ServerProcess.java(
                directory.resolve("second.log"),
                EngineMain.class,
                64,
                "data.dir=" + directory.resolve("data"),
                "http.port=" + ServerProcess.freePort(),
                "library.path=" + EngineProcess.library())) {
      assertThat(second.exit()).isEqualTo(2);
      assertThat(second.log().lines()).singleElement().asString().contains("in use by another");
      assertThat(engine.sql("SELECT 1")).isEqualTo("1\n");
    }
  }

  @Test
  void aTakenPortIsOneLineAndExit2() throws Exception {
    try (EngineProcess engine = EngineProcess.start(directory);
        ServerProcess second = takenPort(engine)) {
      assertThat(second.exit()).isEqualTo(2);
      assertThat(second.log().lines()).singleElement().asString().contains("http.port=PORT");
    }
  }

  private ServerProcess takenPort(EngineProcess engine) throws IOException {
    return ServerProcess.java(
        directory.resolve("second.log"),
        EngineMain.class,
        64,
        "data.dir=" + directory.resolve("other"),
        "http.port=" + engine.port(),
        "library.path=" + EngineProcess.library());
  }
}
