package io.kymo.processor.sink;

import com.clickhouse.client.api.query.GenericRecord;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where reading goes on whenever partitions are assigned: behind the highest offset that ClickHouse
 * holds. Kafka is never told.
 */
final class ResumePoints implements ConsumerRebalanceListener {
  private static final Logger LOG = LoggerFactory.getLogger(ClickHouseSink.class);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ClickHouse clickhouse;
  private final Function<String, String> tableOf;
  private final Consumer<TopicPartition> taken;
  private final SinkMetrics metrics;
  private final Retry retry;

  /**
   * @param tableOf the table of a topic
   * @param taken is told of each partition that is taken away
   */
  ResumePoints(
      KafkaConsumer<byte[], byte[]> consumer,
      ClickHouse clickhouse,
      Function<String, String> tableOf,
      Consumer<TopicPartition> taken,
      SinkMetrics metrics,
      Retry retry) {
    this.consumer = consumer;
    this.clickhouse = clickhouse;
    this.tableOf = tableOf;
    this.taken = taken;
    this.metrics = metrics;
    this.retry = retry;
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    onPartitionsLost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    partitions.forEach(taken);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
    for (TopicPartition tp : partitions) {
      consumer.seek(tp, start(tp, begin.getOrDefault(tp, 0L), end.getOrDefault(tp, 0L)));
    }
  }

  private long start(TopicPartition tp, long begin, long end) {
    OptionalLong held = highestOffset(tp);
    long next = held.isPresent() ? held.getAsLong() + 1 : begin;
    if (next > end) {
      LOG.warn(
          "{} was created anew: ClickHouse holds offsets up to {}, Kafka ends at {}",
          tp,
          next - 1,
          end);
      return begin;
    }
    if (next < begin) {
      metrics.recordsExpired(tp.topic(), begin - next);
      LOG.warn(
          "{}: {} records were deleted by Kafka's retention before they were written",
          tp,
          begin - next);
      return begin;
    }
    return next;
  }

  private OptionalLong highestOffset(TopicPartition tp) {
    String sql =
        "SELECT max(kafka_offset) AS offset, count() AS rows FROM "
            + clickhouse.database()
            + "."
            + tableOf.apply(tp.topic())
            + " WHERE kafka_partition = "
            + tp.partition();
    GenericRecord row =
        retry.until("asking ClickHouse where to resume", () -> clickhouse.query(sql).get(0));
    if (row == null) {
      throw new WakeupException();
    }
    return row.getLong("rows") == 0 ? OptionalLong.empty() : OptionalLong.of(row.getLong("offset"));
  }
}
