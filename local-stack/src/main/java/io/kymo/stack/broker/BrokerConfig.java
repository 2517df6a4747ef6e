package io.kymo.stack.broker;

import io.kymo.stack.Ports;
import java.nio.file.Path;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;

/** The broker's keys, and what Kafka is told for them. */
public final class BrokerConfig {
  public static final String DATA_DIR = "data.dir";
  public static final String KAFKA_PORT = "kafka.port";
  public static final String CONTROLLER_PORT = "controller.port";

  static final int NODE_ID = 1;
  static final String CONTROLLER_LISTENER = "CONTROLLER";

  private static final String LISTENER = "CLIENTS";
  private static final Range PORT = Range.between(1, 65_535);

  private BrokerConfig() {}

  public static ConfigDef definition() {
    return new ConfigDef()
        .define(
            DATA_DIR,
            ConfigDef.Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "Directory of topics and metadata; made and formatted on the first start.")
        .define(
            KAFKA_PORT,
            ConfigDef.Type.INT,
            9092,
            PORT,
            Importance.HIGH,
            "Loopback port for clients.")
        .define(
            CONTROLLER_PORT,
            ConfigDef.Type.INT,
            9093,
            PORT,
            Importance.MEDIUM,
            "Loopback port on which the broker talks to its own controller.");
  }

  /** Kafka's configuration of one node that is broker and controller, sized for one machine. */
  static Properties kafka(Path data, int port, int controllerPort) {
    Properties kafka = new Properties();
    String host = Ports.LOOPBACK;
    String own = LISTENER + "://" + host + ":" + port;
    kafka.put("process.roles", "broker,controller");
    kafka.put("node.id", String.valueOf(NODE_ID));
    kafka.put("controller.quorum.voters", NODE_ID + "@" + host + ":" + controllerPort);
    kafka.put("controller.listener.names", CONTROLLER_LISTENER);
    kafka.put("listeners", own + "," + CONTROLLER_LISTENER + "://" + host + ":" + controllerPort);
    kafka.put("advertised.listeners", own);
    kafka.put(
        "listener.security.protocol.map",
        LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
    kafka.put("inter.broker.listener.name", LISTENER);
    kafka.put("log.dirs", data.toString());

    // A misspelled topic is an error, not a new topic with somebody else's settings.
    kafka.put("auto.create.topics.enable", "false");
    kafka.put("group.initial.rebalance.delay.ms", "0");
    kafka.put("offsets.topic.replication.factor", "1");
    kafka.put("offsets.topic.num.partitions", "4");
    kafka.put("transaction.state.log.replication.factor", "1");
    kafka.put("transaction.state.log.min.isr", "1");
    kafka.put("transaction.state.log.num.partitions", "4");
    kafka.put("share.coordinator.state.topic.replication.factor", "1");
    kafka.put("share.coordinator.state.topic.min.isr", "1");
    kafka.put("share.coordinator.state.topic.num.partitions", "1");

    kafka.put("message.max.bytes", String.valueOf(8 << 20));
    kafka.put("replica.fetch.max.bytes", String.valueOf(8 << 20));

    // After kill -9 the controller takes the node back only when its former session has ended; a
    // machine so busy that a heartbeat comes later than that has no leaders for a moment.
    kafka.put("broker.session.timeout.ms", "6000");
    kafka.put("broker.heartbeat.interval.ms", "500");

    // The defaults are for a machine of its own: the cleaner alone takes 128 MB of heap.
    kafka.put("log.cleaner.enable", "true");
    kafka.put("log.cleaner.dedupe.buffer.size", String.valueOf(16 << 20));
    kafka.put("num.network.threads", "2");
    kafka.put("num.io.threads", "4");
    kafka.put("background.threads", "2");
    kafka.put("num.recovery.threads.per.data.dir", "2");
    kafka.put("metadata.max.idle.interval.ms", "5000");
    return kafka;
  }
}
