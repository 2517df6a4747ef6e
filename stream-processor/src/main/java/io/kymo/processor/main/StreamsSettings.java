package io.kymo.processor.main;

import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;
import static org.apache.kafka.streams.StreamsConfig.restoreConsumerPrefix;

import io.kymo.processor.config.ProcessorConfig;
import io.kymo.processor.topology.TopicSetup;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Kafka Streams' settings: exactly once, soon visible, on a small heap. */
final class StreamsSettings {
  private StreamsSettings() {}

  static Properties of(ProcessorConfig config) {
    Properties p = new Properties();
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, config.getString(ProcessorConfig.APPLICATION_ID));
    p.put(
        StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
        String.join(",", config.getList(ProcessorConfig.KAFKA)));
    p.put(StreamsConfig.STATE_DIR_CONFIG, config.getString(ProcessorConfig.STATE_DIR));
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.getInt(ProcessorConfig.THREADS));
    p.put(
        StreamsConfig.REPLICATION_FACTOR_CONFIG,
        config.getShort(ProcessorConfig.REPLICATION_FACTOR).intValue());
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.getLong(ProcessorConfig.COMMIT_INTERVAL));
    p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    p.put(StreamsConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    // A batch has hundreds of segments: few of them wait on the heap, and one poll is soon done
    // with.
    p.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 32);
    p.put(consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 64);
    p.put(consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 8 << 20);
    p.put(consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 2 << 20);
    p.put(restoreConsumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 16 << 20);
    p.put(restoreConsumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
    // History that was never processed is processed, with a new application id all of it.
    p.put(consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    // A member by name gets its partitions back at once when it returns, however it went.
    p.put(
        consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        config.getString(ProcessorConfig.INSTANCE_ID));
    p.put(consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    p.put(consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 2_000);
    p.put(producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    p.put(producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 20);
    p.put(producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 64 << 10);
    p.put(producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), TopicSetup.LARGEST_RECORD);
    p.put(producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 2L * TopicSetup.LARGEST_RECORD);
    return p;
  }
}
