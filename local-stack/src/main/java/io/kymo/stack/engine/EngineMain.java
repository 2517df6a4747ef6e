package io.kymo.stack.engine;

import io.kymo.stack.Arguments;
import io.kymo.stack.DataDirectory;
import io.kymo.stack.Ports;
import io.kymo.stack.StartException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.config.AbstractConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs ClickHouse until SIGTERM. Exit 2: it cannot start, and the one line says what to do. */
public final class EngineMain {
  private static final Logger LOG = LoggerFactory.getLogger(EngineMain.class);

  private static final int SIGTERM_STATUS = 143;

  private EngineMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    try {
      run(Arguments.parse(EngineConfig.definition(), arguments));
    } catch (StartException e) {
      LOG.error("clickhouse: {}", e.getMessage());
      System.exit(2);
    }
  }

  private static void run(AbstractConfig config) throws StartException, InterruptedException {
    int port = config.getInt(EngineConfig.HTTP_PORT);
    Ports.requireFree(EngineConfig.HTTP_PORT, port);
    DataDirectory data = DataDirectory.open(Path.of(config.getString(EngineConfig.DATA_DIR)));
    ChdbLibrary.load(Path.of(config.getString(EngineConfig.LIBRARY_PATH)));
    EngineServer server = EngineServer.start(data.path(), config);
    CountDownLatch stopped = new CountDownLatch(1);
    Thread stop =
        new Thread(
            () -> {
              if (!server.stop()) {
                // The library's destructors would crash under statements that still run.
                LOG.warn("clickhouse: statements did not end; what is on disk is whole");
                ProcessEnd.now(SIGTERM_STATUS);
              }
              stopped.countDown();
            },
            "stop-clickhouse");
    Runtime.getRuntime().addShutdownHook(stop);
    LOG.info("clickhouse: ready on http://{}:{}, data in {}", Ports.LOOPBACK, port, data.path());
    stopped.await();
  }
}
