package io.kymo.stack.broker;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Asks a broker as a client would. */
public final class BrokerProbe {
  private BrokerProbe() {}

  /**
   * @param bootstrapServers as Kafka's clients take it
   * @param patience how long to try
   * @return whether the broker answered with at least one node that clients can reach
   */
  public static boolean ready(String bootstrapServers, Duration patience)
      throws InterruptedException {
    try (Admin admin = admin(bootstrapServers, patience)) {
      return !admin
          .describeCluster()
          .nodes()
          .get(patience.toMillis(), TimeUnit.MILLISECONDS)
          .isEmpty();
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  /** What keeps the broker from answering now; empty when nothing does. */
  public static Optional<String> notReady(String bootstrapServers) {
    try {
      return ready(bootstrapServers, Duration.ofSeconds(3))
          ? Optional.empty()
          : Optional.of("starting");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  /**
   * A client for questions to a broker nearby.
   *
   * @param patience how long each question waits for its answer
   */
  public static Admin admin(String bootstrapServers, Duration patience) {
    int millis = Math.toIntExact(patience.toMillis());
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            Math.min(millis, 5_000),
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            millis,
            AdminClientConfig.RECONNECT_BACKOFF_MS_CONFIG,
            50,
            AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
            250));
  }
}
