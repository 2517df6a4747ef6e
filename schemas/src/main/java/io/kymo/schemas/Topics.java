package io.kymo.schemas;

/** Names of Kymo's Kafka topics. */
public final class Topics {
  public static final String SEGMENTS = "kymo.segments";
  public static final String EXCHANGES = "kymo.exchanges";
  public static final String CONNECTIONS = "kymo.connections";
  public static final String COLLECTOR_STATS = "kymo.collector-stats";
  public static final String KUBERNETES = "kymo.kubernetes";
  public static final String DEAD_LETTERS = "kymo.dead-letters";

  private Topics() {}
}
