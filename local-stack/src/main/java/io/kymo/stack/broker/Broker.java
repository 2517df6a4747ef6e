package io.kymo.stack.broker;

import io.kymo.stack.StartException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** One Kafka node, broker and controller together (KRaft), on loopback. */
public final class Broker implements AutoCloseable {
  /** Written last by the formatter, by renaming, so that a half-formatted directory has none. */
  private static final String FORMATTED = "meta.properties";

  private final KafkaRaftServer server;

  private Broker(KafkaRaftServer server) {
    this.server = server;
  }

  /**
   * Formats the directory when it is new, else recovers what is there.
   *
   * @param data a directory that this process holds alone
   * @return when the node has started; see {@link BrokerProbe} for "clients are answered"
   */
  public static Broker start(Path data, int port, int controllerPort) throws StartException {
    try {
      if (!Files.exists(data.resolve(FORMATTED))) {
        format(data);
      }
    } catch (IOException e) {
      throw new StartException("data.dir " + data + " cannot be formatted for Kafka: " + e);
    }
    Properties properties = BrokerConfig.kafka(data, port, controllerPort);
    KafkaRaftServer server =
        new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    server.startup();
    return new Broker(server);
  }

  private static void format(Path data) throws IOException {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    try {
      new Formatter()
          .setPrintStream(nowhere)
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(BrokerConfig.NODE_ID)
          .addDirectory(data.toString())
          .setMetadataLogDirectory(data.toString())
          .setControllerListenerName(BrokerConfig.CONTROLLER_LISTENER)
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setIgnoreFormatted(true)
          .run();
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  public void awaitEnd() {
    server.awaitShutdown();
  }

  /** Leaves the logs clean, so that the next start need not recover them. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }
}
