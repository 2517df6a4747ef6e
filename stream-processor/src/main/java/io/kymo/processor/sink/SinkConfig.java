package io.kymo.processor.sink;

/**
 * Where the sink reads and writes, and its bounds.
 *
 * @param clickhouseUrl of ClickHouse's HTTP interface
 * @param instanceId stays the same over restarts of this process, so that a killed one does not
 *     block its partitions until its session times out
 * @param blockRows a block is written when it has so many rows
 * @param blockBytes … or so many bytes
 * @param lingerMs … or its first row has waited so long
 */
public record SinkConfig(
    String bootstrapServers,
    String clickhouseUrl,
    String user,
    String password,
    String database,
    String groupId,
    String instanceId,
    int blockRows,
    int blockBytes,
    int lingerMs) {}
