package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Words that tests plant where secrets stand: in literals, values, headers, passwords. All begin
 * with {@code planted-secret-}. The collector's topic has them, nothing behind it may.
 */
final class Secrets {
  private static final Pattern WORD = Pattern.compile("planted-secret-[a-z]+");
  private static final List<String> CLEAN =
      List.of(Topics.EXCHANGES, Topics.CONNECTIONS, Topics.COLLECTOR_STATS);

  private Secrets() {}

  /** Fails when one of these words was not captured, or when any such word came further. */
  static void stayInSegments(Stack stack, String... planted) {
    assertThat(inTopic(stack, Topics.SEGMENTS)).as("captured").contains(planted);
    for (String topic : CLEAN) {
      assertThat(inTopic(stack, topic)).as(topic).isEmpty();
    }
    List<List<String>> tables =
        stack.sql("SELECT name FROM system.tables WHERE database = 'kymo' AND total_rows > 0");
    assertThat(tables).contains(List.of("requests"));
    for (List<String> table : tables) {
      String rows = "SELECT * FROM " + table.get(0) + " WHERE toString(tuple(*)) LIKE '%";
      assertThat(stack.sql(rows + "planted-secret-%' LIMIT 5")).as(table.get(0)).isEmpty();
    }
    for (String process : List.of("stream-processor", "collector", "clickhouse")) {
      assertThat(words(stack.log(process))).as("log of " + process).isEmpty();
    }
  }

  /** The words in all records that the topic holds now, keys and values as they are. */
  private static Set<String> inTopic(Stack stack, String topic) {
    Set<String> found = new TreeSet<>();
    Map<String, Object> settings =
        Map.of("bootstrap.servers", "127.0.0.1:" + stack.port("kafka"), "fetch.max.bytes", 1 << 25);
    ByteArrayDeserializer bytes = new ByteArrayDeserializer();
    try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(p -> new TopicPartition(topic, p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      assertThat(ends.values()).as("end of " + topic).anyMatch(end -> end > 0);
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          for (byte[] part : new byte[][] {record.key(), record.value()}) {
            if (part != null) {
              found.addAll(words(new String(part, StandardCharsets.ISO_8859_1)));
            }
          }
        }
      }
    }
    return found;
  }

  private static Set<String> words(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).collect(Collectors.toSet());
  }
}
