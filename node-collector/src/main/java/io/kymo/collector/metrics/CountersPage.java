package io.kymo.collector.metrics;

import io.kymo.collector.driver.KernelCounter;

/** Makes docs/counters-collector.md from the enums. */
final class CountersPage {
  private static final String HEAD =
      """
      # Counters of the node-collector

      Generated from `CollectorCounter` and `KernelCounter`; a test compares it. In Prometheus a counter is called
      `kymo_<id>_total`; every batch in Kafka carries all that are not zero. The books balance:

          kernel_seen_bytes = received_bytes + kernel_lost_ring_bytes
          received_bytes    = published_bytes + lost_queue_bytes + lost_kafka_bytes + lost_stop_bytes + what still waits

      | id | unit | meaning |
      |---|---|---|
      """;

  private CountersPage() {}

  static String generate() {
    StringBuilder page = new StringBuilder(HEAD);
    for (CollectorCounter counter : CollectorCounter.values()) {
      row(page, counter.id(), counter.unit(), counter.meaning());
    }
    for (KernelCounter counter : KernelCounter.values()) {
      row(page, counter.id(), counter.unit(), counter.meaning());
    }
    return page.toString();
  }

  private static void row(StringBuilder page, String id, String unit, String meaning) {
    page.append("| `").append(id).append("` | ").append(unit).append(" | ");
    page.append(meaning).append(" |\n");
  }
}
