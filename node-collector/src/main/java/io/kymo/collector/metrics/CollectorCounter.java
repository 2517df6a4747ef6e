package io.kymo.collector.metrics;

/**
 * What the collector counts since its start, beside the kernel's own {@link
 * io.kymo.collector.driver.KernelCounter}. The books balance:
 *
 * <pre>
 *   kernel_seen_bytes = received_bytes + kernel_lost_ring_bytes
 *   received_bytes    = published_bytes + lost_queue_bytes + lost_kafka_bytes + lost_stop_bytes + what still waits
 * </pre>
 */
public enum CollectorCounter {
  RECEIVED_EVENTS("events", "Events of any type taken from the kernel."),
  RECEIVED_SEGMENTS("segments", "Segments and datagrams taken from the kernel."),
  RECEIVED_BYTES("bytes", "Their true length."),
  RECEIVED_PAYLOAD_BYTES("bytes", "Their payload, as far as it was captured."),
  MALFORMED_EVENTS("events", "Events that were no events: the kernel side is of another version."),
  HANDLER_ERRORS("events", "Events that the collector failed to handle: a bug, see the log."),

  CONNECTIONS_SEEN("connections", "Connections that came into the table."),
  CONNECTIONS_PICKED_UP("connections", "Of these, open before the collector looked."),
  CONNECTIONS_WITHOUT_FACTS(
      "connections", "Of these, known only by their data: their facts were lost."),
  CONNECTIONS_EVICTED("connections", "Connections forgotten because the table was full."),
  CONNECTIONS_EXPIRED("connections", "Datagram conversations that ended by being idle."),
  CONNECTIONS_CLOSED("connections", "Connections whose end the kernel told."),
  CONNECTIONS_CLOSED_UNSEEN("connections", "Connections closed because their process had ended."),
  TCP_REPORTS("reports", "Reports of the kernel on how the network treats TCP connections."),
  LOST_TCP_REPORTS(
      "reports", "Of these, about sockets of which nothing else was told: not published."),
  PROCESSES_UNREAD("processes", "Processes that were gone before /proc was read."),

  TLS_FILES_ATTACHED("files", "Programs and libraries whose TLS functions were attached to."),
  TLS_FILES_REFUSED("files", "Programs and libraries whose TLS functions the kernel refused."),
  TLS_FILES_UNKNOWN("files", "Go programs of a version whose TLS is not known: not attached."),
  TLS_STREAMS("connections", "Connections whose plaintext was seen."),

  PUBLISHED_BATCHES("batches", "Batches that Kafka acknowledged."),
  PUBLISHED_SEGMENTS("segments", "Segments in them."),
  PUBLISHED_BYTES("bytes", "True length of these segments."),
  PUBLISHED_VALUE_BYTES("bytes", "Size of the batches before compression."),
  LOST_QUEUE_BATCHES("batches", "Batches dropped because Kafka or the registry was away for long."),
  LOST_QUEUE_SEGMENTS("segments", "Segments in them."),
  LOST_QUEUE_BYTES("bytes", "True length of these segments."),
  LOST_KAFKA_BATCHES("batches", "Batches that Kafka refused for good."),
  LOST_KAFKA_SEGMENTS("segments", "Segments in them."),
  LOST_KAFKA_BYTES("bytes", "True length of these segments."),
  LOST_STOP_BATCHES("batches", "Batches that could not be delivered before the collector ended."),
  LOST_STOP_SEGMENTS("segments", "Segments in them."),
  LOST_STOP_BYTES("bytes", "True length of these segments."),
  PREVIOUS_RUN_LOST_BATCHES(
      "batches",
      "Batches that the collector which ran here before lost, whichever way, by its orderly end."),
  PREVIOUS_RUN_LOST_SEGMENTS("segments", "Segments in them."),
  PREVIOUS_RUN_LOST_BYTES("bytes", "True length of these segments."),
  PUBLISH_RETRIES(
      "attempts", "Attempts to reach Kafka or the registry that failed and were repeated.");

  private final String unit;
  private final String meaning;

  CollectorCounter(String unit, String meaning) {
    this.unit = unit;
    this.meaning = meaning;
  }

  /** Stable name, lower case with underscores. */
  public String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  public String unit() {
    return unit;
  }

  public String meaning() {
    return meaning;
  }
}
