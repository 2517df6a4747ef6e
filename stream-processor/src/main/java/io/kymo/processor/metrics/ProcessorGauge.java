package io.kymo.processor.metrics;

/** What the stream-processor holds at the moment. In Prometheus: {@code kymo_<id>}. */
public enum ProcessorGauge {
  PENDING_BYTES(
      "pending_bytes",
      "bytes",
      "Bytes that wait in windows: for earlier ones, or for the rest of their unit."),
  CONVERSATIONS("conversations", "connections", "Connections of which state is held."),
  MEMORY_BYTES("memory_bytes", "bytes", "Heap that conversations take, roughly."),
  LAG("lag", "records", "Records of kymo.segments that are not processed yet.");

  private final String id;
  private final String unit;
  private final String meaning;

  ProcessorGauge(String id, String unit, String meaning) {
    this.id = id;
    this.unit = unit;
    this.meaning = meaning;
  }

  public String id() {
    return id;
  }

  public String unit() {
    return unit;
  }

  public String meaning() {
    return meaning;
  }
}
