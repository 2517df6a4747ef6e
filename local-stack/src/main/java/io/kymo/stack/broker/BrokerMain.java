package io.kymo.stack.broker;

import io.kymo.stack.Arguments;
import io.kymo.stack.DataDirectory;
import io.kymo.stack.Ports;
import io.kymo.stack.StartException;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.config.AbstractConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the broker until SIGTERM. Exit 2: it cannot start, and the one line says what to do. */
public final class BrokerMain {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerMain.class);

  private BrokerMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    try {
      run(Arguments.parse(BrokerConfig.definition(), arguments));
    } catch (StartException e) {
      LOG.error("broker: {}", e.getMessage());
      System.exit(2);
    }
  }

  private static void run(AbstractConfig config) throws StartException, InterruptedException {
    int port = config.getInt(BrokerConfig.KAFKA_PORT);
    int controllerPort = config.getInt(BrokerConfig.CONTROLLER_PORT);
    Ports.requireFree(BrokerConfig.KAFKA_PORT, port);
    Ports.requireFree(BrokerConfig.CONTROLLER_PORT, controllerPort);
    DataDirectory data = DataDirectory.open(Path.of(config.getString(BrokerConfig.DATA_DIR)));
    Broker broker = Broker.start(data.path(), port, controllerPort);
    Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "stop-broker"));
    String address = Ports.LOOPBACK + ":" + port;
    if (!BrokerProbe.ready(address, Duration.ofSeconds(60))) {
      throw new StartException("Kafka started but does not answer on " + address);
    }
    LOG.info("broker: ready on {}, data in {}", address, data.path());
    broker.awaitEnd();
  }
}
