package io.kymo.collector.publish;

import io.kymo.collector.metrics.Counters;
import java.util.Map;

/** Makes the publisher that speaks with a genuine Kafka and registry. */
public final class Publishing {
  private static final long BACKOFF_MS = 1_000;

  /** Kafka's own request timeout is 30 s; health should tell earlier. */
  private static final long SILENCE_MS = 15_000;

  private Publishing() {}

  /**
   * @param client bootstrap servers and further settings of Kafka's clients
   * @param registryUrls base URLs, with commas
   * @param partitions if the topic has to be created, as replicationFactor and retentionMs
   * @param queueBytes most bytes that wait for Kafka's producer
   * @param valueBytes size of the largest batches
   * @param producerBytes most bytes that the producer holds
   */
  public static Publisher toKafka(
      Map<String, Object> client,
      String registryUrls,
      Counters counters,
      int partitions,
      short replicationFactor,
      long retentionMs,
      long queueBytes,
      int valueBytes,
      long producerBytes) {
    KafkaLink link =
        new KafkaLink(
            client,
            registryUrls,
            valueBytes,
            producerBytes,
            partitions,
            replicationFactor,
            retentionMs);
    return new Publisher(link, counters, partitions, queueBytes, BACKOFF_MS, SILENCE_MS);
  }
}
