package io.kymo.schemas;

import java.util.Map;

/** Names of Kymo's Kafka topics, and how they are created. */
public final class Topics {
  public static final String SEGMENTS = "kymo.segments";
  public static final String EXCHANGES = "kymo.exchanges";
  public static final String CONNECTIONS = "kymo.connections";
  public static final String TCP_EVENTS = "kymo.tcp-events";
  public static final String COLLECTOR_STATS = "kymo.collector-stats";
  public static final String KUBERNETES = "kymo.kubernetes";
  public static final String DEAD_LETTERS = "kymo.dead-letters";

  /** Bytes of the largest record, in any topic. */
  public static final int LARGEST_RECORD_BYTES = 16 << 20;

  private Topics() {}

  /** Settings of a topic whose records go by age: the same, whichever process creates it first. */
  public static Map<String, String> settings(long retentionMs) {
    return Map.of(
        "cleanup.policy", "delete",
        "retention.ms", String.valueOf(retentionMs),
        "max.message.bytes", String.valueOf(LARGEST_RECORD_BYTES));
  }
}
