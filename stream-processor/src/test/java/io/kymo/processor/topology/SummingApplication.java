package io.kymo.processor.topology;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/** Adds numbers by key in a {@link DirtyHeapStore}, and dies without a word after a given time. */
public final class SummingApplication {
  static final String INPUT = "numbers";
  static final String OUTPUT = "echo";
  static final String STORE = "sums";
  static final String ID = "summing";

  private SummingApplication() {}

  /** Arguments: bootstrap servers, state directory, life in ms. */
  public static void main(String[] args) throws InterruptedException {
    Map<String, Object> config = new HashMap<>();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, ID);
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    config.put(StreamsConfig.STATE_DIR_CONFIG, Path.of(args[1]).toString());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6_000);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 500);
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "one");
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    config.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 2_000);
    Properties properties = new Properties();
    properties.putAll(config);
    KafkaStreams streams = new KafkaStreams(topology(), properties);
    streams.start();
    new CountDownLatch(1)
        .await(Long.parseLong(args[2]), java.util.concurrent.TimeUnit.MILLISECONDS);
    Runtime.getRuntime().halt(9);
  }

  static Topology topology() {
    return new Topology()
        .addSource("in", Serdes.Long().deserializer(), Serdes.Long().deserializer(), INPUT)
        .addProcessor("sum", Summing::new, "in")
        .addStateStore(new DirtyHeapStoreBuilder<Long, long[]>(STORE, Map.of()), "sum")
        .addSink("out", OUTPUT, Serdes.Long().serializer(), Serdes.Long().serializer(), "sum");
  }

  /** Mutates the stored object in place, as conversations are. */
  private static final class Summing extends ContextualProcessor<Long, Long, Long, Long> {
    private DirtyHeapStore<Long, long[]> store;

    @Override
    public void init(ProcessorContext<Long, Long> context) {
      super.init(context);
      store = context.getStateStore(STORE);
      store.open(new Codec());
    }

    @Override
    public void process(org.apache.kafka.streams.processor.api.Record<Long, Long> number) {
      long[] sum = store.get(number.key());
      if (sum == null) {
        sum = new long[2];
        store.put(number.key(), sum);
      }
      sum[0] += number.value();
      sum[1]++;
      store.touch(number.key());
      if (number.value() % 64 == 0) {
        context().forward(number.withValue(sum[0]));
      }
    }
  }

  /** Keys of 8 bytes; values: sum, count. */
  static final class Codec implements StateCodec<Long, long[]> {
    @Override
    public byte[] keyBytes(Long key) {
      return ByteBuffer.allocate(Long.BYTES).putLong(key).array();
    }

    @Override
    public Long key(byte[] bytes) {
      return ByteBuffer.wrap(bytes).getLong();
    }

    @Override
    public byte[] valueBytes(long[] value) {
      return ByteBuffer.allocate(2 * Long.BYTES).putLong(value[0]).putLong(value[1]).array();
    }

    @Override
    public long[] value(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      return new long[] {in.getLong(), in.getLong()};
    }
  }
}
