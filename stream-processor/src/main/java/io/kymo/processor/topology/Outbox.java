package io.kymo.processor.topology;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * What a task has to say, until it may be said. Rows come into being deep inside of conversations,
 * which catch their parsers' errors; forwarding there would have them catch Kafka's, too.
 */
final class Outbox {
  static final String EXCHANGES = "enrich";
  static final String CONNECTIONS = "write-connections";
  static final String TCP_EVENTS = "write-tcp-events";
  static final String COLLECTOR_STATS = "write-collector-stats";
  static final String DEAD_LETTERS = "write-dead-letters";

  private final ProcessorContext<RowKey, Object> context;
  private final int partition;
  private final List<Record<RowKey, Object>> rows = new ArrayList<>();
  private final List<String> children = new ArrayList<>();
  private long timestampMs;

  Outbox(ProcessorContext<RowKey, Object> context) {
    this.context = context;
    this.partition = context.taskId().partition();
  }

  int partition() {
    return partition;
  }

  /** Rows from now on carry this time as records (in their values they have times of their own). */
  void timestamp(long ms) {
    timestampMs = Math.max(0, ms);
  }

  /**
   * @param child name of the topology's node
   * @param id of the row's key
   */
  void add(String child, long id, Object row) {
    rows.add(new Record<>(new RowKey(partition, id), row, timestampMs));
    children.add(child);
  }

  /** Says it. What Kafka throws, the caller gets. */
  void flush() {
    for (int i = 0; i < rows.size(); i++) {
      context.forward(rows.get(i), children.get(i));
    }
    rows.clear();
    children.clear();
  }
}
