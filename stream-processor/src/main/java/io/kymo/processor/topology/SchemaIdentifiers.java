package io.kymo.processor.topology;

import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.ConnectionRecord;
import io.kymo.schemas.DeadLetter;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.TcpEvent;
import io.kymo.schemas.Topics;
import io.kymo.schemas.wire.SchemaIds;
import java.io.IOException;

/** What the registry calls the schemas of the topics that are written here. */
public record SchemaIdentifiers(
    int exchange, int connection, int tcpEvent, int collectorStats, int deadLetter) {
  /**
   * Registers all schemas, that of segments too: a collector and its processor must agree before
   * the first byte.
   *
   * @throws IOException when the registry does not answer, or refuses a schema
   */
  public static SchemaIdentifiers register(SchemaRegistryClient registry) throws IOException {
    SchemaIds.register(registry, Topics.SEGMENTS, SegmentBatch.getClassSchema());
    return new SchemaIdentifiers(
        SchemaIds.register(registry, Topics.EXCHANGES, Exchange.getClassSchema()),
        SchemaIds.register(registry, Topics.CONNECTIONS, ConnectionRecord.getClassSchema()),
        SchemaIds.register(registry, Topics.TCP_EVENTS, TcpEvent.getClassSchema()),
        SchemaIds.register(registry, Topics.COLLECTOR_STATS, CollectorStats.getClassSchema()),
        SchemaIds.register(registry, Topics.DEAD_LETTERS, DeadLetter.getClassSchema()));
  }
}
