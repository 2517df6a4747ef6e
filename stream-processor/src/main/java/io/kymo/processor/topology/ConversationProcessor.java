package io.kymo.processor.topology;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Parser;
import io.kymo.schemas.SegmentBatch;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * One task: batches of one partition in, what their conversations say out. One thread; all that it
 * must remember is in its two stores.
 *
 * <p>Time is each node's own: the latest event that came from there, carried on by the wall clock
 * only as far as the broker has shown that nothing more is to be read ({@link EndOffsets}). So a
 * lagging or replaying processor does not time requests out whose answers it has yet to read, and a
 * quiet node's requests do time out.
 */
final class ConversationProcessor extends ContextualProcessor<byte[], byte[], RowKey, Object> {
  static final String CONNECTIONS = "connections";
  static final String SOURCES = "sources";

  private static final Duration TICK = Duration.ofMillis(200);

  private final BatchDecoder decoder;
  private final Limits limits;
  private final Map<String, Parser> parsers;
  private final Timing timing;
  private final EndOffsets endOffsets;
  private final Metrics metrics;
  private final TaskMeters meters;

  private Reassembly reassembly;
  private Outbox outbox;
  private SourceWatch sources;
  private ConnectionCare care;
  private BatchFeed feed;
  private long streamTime;
  private long scanAt;

  ConversationProcessor(
      BatchDecoder decoder,
      Limits limits,
      Map<String, Parser> parsers,
      Timing timing,
      EndOffsets endOffsets,
      Metrics metrics) {
    this.decoder = decoder;
    this.limits = limits;
    this.parsers = parsers;
    this.timing = timing;
    this.endOffsets = endOffsets;
    this.metrics = metrics;
    this.meters = new TaskMeters(metrics);
  }

  /**
   * Also called when a task begins anew after a failure, with state restored from Kafka: nothing of
   * before may stay.
   */
  @Override
  public void init(ProcessorContext<RowKey, Object> context) {
    super.init(context);
    long wallMs = context.currentSystemTimeMs();
    streamTime = 0;
    scanAt = 0;
    reassembly = new Reassembly(limits, parsers);
    outbox = new Outbox(context);
    sources =
        new SourceWatch(
            context.getStateStore(SOURCES), endOffsets, timing.statsIntervalNs(), metrics, outbox);
    sources.open(wallMs);
    care =
        new ConnectionCare(
            context.getStateStore(CONNECTIONS), reassembly, limits, timing, metrics, outbox);
    care.open(sources, wallMs);
    feed = new BatchFeed(care, new TcpFeed(outbox, metrics), metrics);
    context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    publish();
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata from = context().recordMetadata().orElseThrow();
    outbox.timestamp(record.timestamp());
    long recordNs = record.timestamp() * 1_000_000;
    try {
      take(decoder.decode(record.value()), recordNs);
    } catch (DeadLetterException e) {
      metrics.add(ProcessorCounter.DEAD_LETTERS, e.reason(), 1);
      outbox.add(
          Outbox.DEAD_LETTERS,
          from.offset(),
          Rows.deadLetter(from, recordNs, e.reason(), e.getMessage(), record.value()));
    }
    sources.passed(from.offset() + 1);
    if (streamTime >= scanAt) {
      scanAt = streamTime + TICK.toNanos();
      care.scan();
    }
    outbox.flush();
    publish();
  }

  private void take(SegmentBatch batch, long recordNs) throws DeadLetterException {
    long wallMs = context().currentSystemTimeMs();
    Source source = sources.receive(batch, wallMs);
    int invalid = feed.feed(source, batch);
    streamTime = Math.max(streamTime, source.now());
    sources.processed(source, recordNs, wallMs);
    if (invalid > 0) {
      metrics.add(ProcessorCounter.SEGMENTS_INVALID, invalid);
      throw new DeadLetterException(
          "invalid_segments",
          invalid
              + " segments or events name no connection, or have no length; the rest was processed",
          null);
    }
  }

  /** Wall clock: time goes on where nothing comes any more. */
  private void tick(long wallMs) {
    outbox.timestamp(wallMs);
    sources.tick(wallMs);
    care.scan();
    outbox.flush();
    publish();
  }

  private void publish() {
    meters.publish(reassembly, care.size(), care.writtenBytes() + sources.writtenBytes());
  }

  @Override
  public void close() {
    meters.retire();
  }
}
