package io.kymo.benchmarks;

import io.kymo.acceptance.Nginx;
import io.kymo.acceptance.Stack;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.AvroReader;
import io.kymo.schemas.wire.SchemaIds;
import io.kymo.schemas.wire.UnreadableRecordException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How fast a backlog is worked off: segments gather in Kafka while the stream-processor is away;
 * then it comes back. The baseline for segments is a consumer that only decodes the batches, for
 * rows what the engine inserts of its own numbers.
 */
final class PipelineBenchmark implements Benchmark {
  private static final int SECONDS = 10;

  @Override
  public String name() {
    return "pipeline";
  }

  @Override
  public String description() {
    return "segments/s through the stream-processor against a raw consumer; rows/s into ClickHouse against the engine alone";
  }

  @Override
  public List<Figure> run(Stack stack) {
    stack.up();
    try (Nginx nginx = new Nginx(stack.lab, 18050)) {
      Map<TopicPartition, Long> from = ends(stack);
      stack.kill("stream-processor");
      Wrk.run(stack.lab, nginx.url("/index.html"), 16, SECONDS);
      Stack.pause(1_000);
      long lines = nginx.accessLog().size();
      Raw raw = raw(stack, from);
      long rowsBefore = stack.count("server_port = 18050");
      stack.up();
      // measured between the first and the last tenth, so that the start of the process does not
      // count
      long all = 2 * lines;
      long low = waitFor(stack, rowsBefore + all / 10);
      long t0 = System.nanoTime();
      long processor = stack.pid("stream-processor");
      double cpu = ProcessFigures.cpuSeconds(processor);
      long high = waitFor(stack, rowsBefore + all * 9 / 10);
      double seconds = (System.nanoTime() - t0) / 1e9;
      double cpuPerRow = (ProcessFigures.cpuSeconds(processor) - cpu) * 1e6 / (high - low);
      double rowsPerSecond = (high - low) / seconds;
      double segmentsPerRow = (double) raw.segments / all;
      return List.of(
          Figure.of(
              name(),
              "segments",
              rowsPerSecond * segmentsPerRow,
              "1/s",
              raw.rate,
              "Kafka to visible rows, against a consumer that only decodes the batches"),
          Figure.of(
              name(),
              "rows",
              rowsPerSecond,
              "1/s",
              engineAlone(stack),
              "Kafka to visible rows, against INSERT SELECT of the engine into a table of the same columns"),
          Figure.of(
              name(),
              "processor_cpu",
              cpuPerRow,
              "us/row",
              raw.cpuMicros * segmentsPerRow,
              "CPU time of the stream-processor for one row, against the consumer that only decodes"));
    }
  }

  private static long waitFor(Stack stack, long rows) {
    long end = System.currentTimeMillis() + 120_000;
    while (true) {
      long now = stack.count("server_port = 18050");
      if (now >= rows) {
        return now;
      }
      if (System.currentTimeMillis() > end) {
        throw new IllegalStateException(now + " rows of " + rows + " after two minutes");
      }
      Stack.pause(20);
    }
  }

  /**
   * @param cpuMicros CPU time of one segment
   */
  private record Raw(long segments, double rate, double cpuMicros) {}

  private static KafkaConsumer<byte[], byte[]> consumer(Stack stack) {
    return new KafkaConsumer<>(
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            "127.0.0.1:" + stack.port("kafka"),
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            1_000,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            16 << 20),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static Map<TopicPartition, Long> ends(Stack stack) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(stack)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.SEGMENTS).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      return new HashMap<>(consumer.endOffsets(partitions));
    }
  }

  private static Raw raw(Stack stack, Map<TopicPartition, Long> from) {
    Map<TopicPartition, Long> to = ends(stack);
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(stack)) {
      AvroReader<SegmentBatch> reader =
          new AvroReader<>(
              SchemaIds.client("http://127.0.0.1:" + stack.port("registry") + "/apis/ccompat/v7"),
              SegmentBatch.getClassSchema());
      consumer.assign(from.keySet());
      from.forEach(consumer::seek);
      SegmentBatch batch = null;
      long segments = 0;
      long t0 = 0;
      double cpu = ProcessFigures.cpuSeconds(ProcessHandle.current().pid());
      while (to.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          t0 = t0 == 0 ? System.nanoTime() : t0;
          batch = reader.read(record.value(), batch);
          segments += batch.getSegments().size();
        }
      }
      double cpuUsed = ProcessFigures.cpuSeconds(ProcessHandle.current().pid()) - cpu;
      return new Raw(
          segments, segments / ((System.nanoTime() - t0) / 1e9), cpuUsed * 1e6 / segments);
    } catch (UnreadableRecordException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double engineAlone(Stack stack) {
    stack.sql("CREATE TABLE IF NOT EXISTS bench AS requests");
    long rows = stack.count("server_port = 18050");
    long t0 = System.nanoTime();
    stack.sql("INSERT INTO bench SELECT * FROM requests WHERE server_port = 18050");
    double seconds = (System.nanoTime() - t0) / 1e9;
    stack.sql("DROP TABLE bench");
    return rows / seconds;
  }
}
