package io.kymo.processor.metrics;

/**
 * Everything that the stream-processor counts, since its start. docs/counters-processor.md is
 * generated from here. Ids are append-only: dashboards and tests know them.
 */
public enum ProcessorCounter {
  BATCHES("batches", "batches", null, "Batches of segments taken from kymo.segments."),
  BATCHES_MISSING(
      "batches_missing", "batches", null, "Batches that never came, by their sequence numbers."),
  BATCHES_REPEATED(
      "batches_repeated",
      "batches",
      null,
      "Batches whose sequence number had been seen before; processed all the same."),
  SEGMENTS("segments", "segments", null, "Segments taken in."),
  SEGMENTS_INVALID(
      "segments_invalid",
      "segments",
      null,
      "Segments and events that name no connection of their batch; in a dead letter."),
  EVENTS("events", "events", null, "Connection events taken in."),
  EVENTS_UNKNOWN(
      "events_unknown",
      "events",
      null,
      "Connection events and TCP reports of a kind that this version does not know."),
  TCP_REPORTS("tcp_reports", "reports", null, "Reports on TCP connections taken in."),
  CONNECTIONS_UNKNOWN(
      "connections_unknown",
      "connections",
      null,
      "Facts with a transport that this version does not know; their segments are not decoded."),
  CAPTURED_BYTES(
      "captured_bytes",
      "bytes",
      null,
      "True lengths of all segments without duplicates, plus gaps. Equals decoded + skipped + gap + truncated + opaque + pending."),
  DECODED_BYTES("decoded_bytes", "bytes", null, "Captured bytes of messages."),
  SKIPPED_BYTES("skipped_bytes", "bytes", null, "Captured bytes that belong to no message."),
  GAP_BYTES("gap_bytes", "bytes", null, "Bytes that were never received."),
  TRUNCATED_BYTES("truncated_bytes", "bytes", null, "Bytes that were seen, but not captured."),
  OPAQUE_BYTES("opaque_bytes", "bytes", null, "Bytes of connections whose parsing has stopped."),
  DUPLICATE_BYTES("duplicate_bytes", "bytes", null, "Bytes that came again; not part of captured."),
  GAPS("gaps", "gaps", null, "Gaps declared."),
  MESSAGES("messages", "messages", null, "Requests, responses and one-way messages decoded."),
  MESSAGES_TRUNCATED(
      "messages_truncated", "messages", null, "Messages completed without their uncaptured rest."),
  MALFORMED("malformed", "units", null, "Times that bytes broke the rules of their protocol."),
  RESPONSES_UNPAIRED(
      "responses_unpaired", "messages", null, "Responses that paired with no request."),
  RESPONSES_AWAITED_IN_VAIN(
      "responses_awaited_in_vain",
      "messages",
      null,
      "Responses whose request never came, given up."),
  EXCHANGES("exchanges", "exchanges", "protocol", "Rows of requests made, by protocol."),
  TIMEOUTS("timeouts", "exchanges", null, "Requests that became rows without an answer in time."),
  CONVERSATIONS_OPENED(
      "conversations_opened", "connections", null, "Connections of which state began."),
  CONVERSATIONS_CLOSED(
      "conversations_closed",
      "connections",
      null,
      "Connections of which state ended by close, reset or failure."),
  CONVERSATIONS_EXPIRED(
      "conversations_expired",
      "connections",
      null,
      "Connections of which state was given up because nothing happened on them any more."),
  OPAQUE("opaque", "connections", "reason", "Connections whose parsing stopped, by reason."),
  PARSER_FAULTS(
      "parser_faults",
      "faults",
      null,
      "Exceptions of parsers, and outcomes that break their contract: bugs."),
  CONVERSATION_FAULTS(
      "conversation_faults",
      "faults",
      null,
      "Exceptions outside of parsers that cost a connection its state: bugs."),
  DEAD_LETTERS(
      "dead_letters", "records", "reason", "Records that went to kymo.dead-letters, by reason."),
  COLLECTOR_RESTARTS(
      "collector_restarts", "restarts", null, "New lives of collectors on a boot that was known."),
  STATE_BYTES("state_bytes", "bytes", null, "Bytes written to the changelogs of state."),
  THREADS_REPLACED(
      "threads_replaced", "threads", null, "Stream threads that failed and were replaced."),
  SINK_ROWS("sink_rows", "rows", "table", "Rows written into ClickHouse, by table."),
  SINK_BLOCKS("sink_blocks", "blocks", "table", "Blocks written into ClickHouse, by table."),
  SINK_BYTES("sink_bytes", "bytes", "table", "Bytes of rows written into ClickHouse, by table."),
  SINK_RETRIES(
      "sink_retries", "inserts", "table", "Inserts that failed and were tried again, by table."),
  SINK_EXPIRED(
      "sink_expired",
      "records",
      "topic",
      "Records that Kafka had deleted before ClickHouse held them, by topic."),
  STATES_UNREADABLE(
      "states_unreadable",
      "entries",
      null,
      "Stored connections and collectors that another version wrote and this one cannot read; begun anew.");

  private final String id;
  private final String unit;
  private final String label;
  private final String meaning;

  ProcessorCounter(String id, String unit, String label, String meaning) {
    this.id = id;
    this.unit = unit;
    this.label = label;
    this.meaning = meaning;
  }

  /** In Prometheus: {@code kymo_<id>_total}. */
  public String id() {
    return id;
  }

  public String unit() {
    return unit;
  }

  /** What the counter is divided by, null when by nothing. */
  public String label() {
    return label;
  }

  public String meaning() {
    return meaning;
  }
}
