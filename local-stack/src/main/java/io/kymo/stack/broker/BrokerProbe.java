package io.kymo.stack.broker;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;

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
    int millis = Math.toIntExact(patience.toMillis());
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "request.timeout.ms",
            Math.min(millis, 5_000),
            "default.api.timeout.ms",
            millis,
            "reconnect.backoff.ms",
            50,
            "reconnect.backoff.max.ms",
            250);
    try (Admin admin = Admin.create(settings)) {
      return !admin.describeCluster().nodes().get(millis, TimeUnit.MILLISECONDS).isEmpty();
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }
}
