package io.kymo.stack.launcher;

import io.kymo.stack.broker.BrokerProbe;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * How far readers are behind: the stream-processor in Kafka's records, ClickHouse by the offsets of
 * its rows.
 */
final class Lag {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final String STREAMS_GROUP = "kymo-stream-processor";

  private Lag() {}

  /** Batches of raw segments that the stream-processor has yet to read. */
  static long batchesBehind(StackState state) throws ExecutionException, InterruptedException {
    try (Admin admin = BrokerProbe.admin("127.0.0.1:" + state.port("kafka"), PATIENCE)) {
      Map<TopicPartition, OffsetAndMetadata> read = new HashMap<>();
      admin
          .listConsumerGroupOffsets(STREAMS_GROUP)
          .partitionsToOffsetAndMetadata()
          .get()
          .forEach(
              (tp, offset) -> {
                if (tp.topic().equals("kymo.segments") && offset != null) {
                  read.put(tp, offset);
                }
              });
      Map<TopicPartition, OffsetSpec> query = new HashMap<>();
      read.keySet().forEach(tp -> query.put(tp, OffsetSpec.latest()));
      Map<TopicPartition, ListOffsetsResultInfo> end = admin.listOffsets(query).all().get();
      long lag = 0;
      for (Map.Entry<TopicPartition, OffsetAndMetadata> e : read.entrySet()) {
        lag += Math.max(0, end.get(e.getKey()).offset() - e.getValue().offset());
      }
      return lag;
    }
  }

  static void print(StackState state) {
    try {
      System.out.printf(
          "lag: stream-processor %d batches behind kymo.segments%n", batchesBehind(state));
    } catch (ExecutionException e) {
      System.out.println("lag: unknown (" + e.getCause().getMessage() + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Http.Answer newest =
        Http.post(
            "http://127.0.0.1:" + state.port("clickhouse") + "/?database=kymo",
            "SELECT count(), dateDiff('millisecond', max(time), now64(9)) FROM requests");
    if (newest.ok()) {
      String[] cells = newest.body().strip().split("\t");
      System.out.printf(
          "rows: %s requests%s%n",
          cells[0], cells[0].equals("0") ? "" : ", the newest " + cells[1] + " ms old");
    }
  }
}
