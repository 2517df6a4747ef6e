package io.kymo.processor.topology;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.ConnectionRecord;
import io.kymo.schemas.DeadLetter;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.TcpEvent;
import io.kymo.schemas.Topics;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.Topology;

/** The data's way through the stream-processor: reassemble, recognise, pair, enrich, write. */
public final class SegmentTopology {
  /** Small segments and an eager cleaner: what the changelog holds is what a restart must read. */
  private static final Map<String, String> CHANGELOG =
      Map.of(
          TopicConfig.SEGMENT_BYTES_CONFIG, String.valueOf(16 << 20),
          TopicConfig.SEGMENT_MS_CONFIG, "600000",
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.2",
          TopicConfig.DELETE_RETENTION_MS_CONFIG, "600000",
          TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(TopicSetup.LARGEST_RECORD));

  private final SchemaRegistryClient registry;
  private final SchemaIdentifiers schemas;
  private final Limits limits;
  private final Map<String, Parser> parsers;
  private final Timing timing;
  private final EndOffsets endOffsets;
  private final Metrics metrics;

  public SegmentTopology(
      SchemaRegistryClient registry,
      SchemaIdentifiers schemas,
      Limits limits,
      Privacy privacy,
      Timing timing,
      EndOffsets endOffsets,
      Metrics metrics) {
    this(registry, schemas, limits, Reassembly.parsersOf(privacy), timing, endOffsets, metrics);
  }

  /**
   * @param parsers by protocol id, in probing order
   */
  SegmentTopology(
      SchemaRegistryClient registry,
      SchemaIdentifiers schemas,
      Limits limits,
      Map<String, Parser> parsers,
      Timing timing,
      EndOffsets endOffsets,
      Metrics metrics) {
    this.registry = registry;
    this.schemas = schemas;
    this.limits = limits;
    this.parsers = parsers;
    this.timing = timing;
    this.endOffsets = endOffsets;
    this.metrics = metrics;
  }

  public Topology build() {
    return new Topology()
        .addSource(
            "segments", new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.SEGMENTS)
        .addProcessor("reassemble-recognise-pair", this::conversations, "segments")
        .addStateStore(
            new DirtyHeapStoreBuilder<ConversationKey, Connection>(
                ConversationProcessor.CONNECTIONS, CHANGELOG),
            "reassemble-recognise-pair")
        .addStateStore(
            new DirtyHeapStoreBuilder<SourceKey, Source>(ConversationProcessor.SOURCES, CHANGELOG),
            "reassemble-recognise-pair")
        .addStateStore(new IdentityStoreBuilder(), "reassemble-recognise-pair")
        .addProcessor("enrich", EnrichProcessor::new, "reassemble-recognise-pair")
        .addSink(
            "write-exchanges",
            Topics.EXCHANGES,
            RowKey.SERIALIZER,
            new RowSerializer<>(Exchange.class, schemas.exchange()),
            RowKey.partitioner(),
            "enrich")
        .addSink(
            "write-connections",
            Topics.CONNECTIONS,
            RowKey.SERIALIZER,
            new RowSerializer<>(ConnectionRecord.class, schemas.connection()),
            RowKey.partitioner(),
            "reassemble-recognise-pair")
        .addSink(
            "write-tcp-events",
            Topics.TCP_EVENTS,
            RowKey.SERIALIZER,
            new RowSerializer<>(TcpEvent.class, schemas.tcpEvent()),
            RowKey.partitioner(),
            "reassemble-recognise-pair")
        .addSink(
            "write-collector-stats",
            Topics.COLLECTOR_STATS,
            RowKey.SERIALIZER,
            new RowSerializer<>(CollectorStats.class, schemas.collectorStats()),
            RowKey.partitioner(),
            "reassemble-recognise-pair")
        .addSink(
            "write-dead-letters",
            Topics.DEAD_LETTERS,
            RowKey.SERIALIZER,
            new RowSerializer<>(DeadLetter.class, schemas.deadLetter()),
            RowKey.partitioner(),
            "reassemble-recognise-pair");
  }

  private ConversationProcessor conversations() {
    return new ConversationProcessor(
        new BatchDecoder(registry), limits, parsers, timing, endOffsets, metrics);
  }
}
