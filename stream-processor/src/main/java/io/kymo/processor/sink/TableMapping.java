package io.kymo.processor.sink;

import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.ConnectionRecord;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.TcpEvent;
import io.kymo.schemas.Topics;
import java.util.List;
import org.apache.avro.Schema;

/** Which topic's records are which table's rows. */
record TableMapping(String topic, String table, Schema schema) {
  static final List<TableMapping> ALL =
      List.of(
          new TableMapping(Topics.EXCHANGES, "requests", Exchange.getClassSchema()),
          new TableMapping(Topics.CONNECTIONS, "connections", ConnectionRecord.getClassSchema()),
          new TableMapping(Topics.TCP_EVENTS, "tcp_events", TcpEvent.getClassSchema()),
          new TableMapping(
              Topics.COLLECTOR_STATS, "collector_stats", CollectorStats.getClassSchema()));
}
