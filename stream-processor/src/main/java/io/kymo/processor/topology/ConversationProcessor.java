package io.kymo.processor.topology;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Parser;
import io.kymo.schemas.CollectorStats;
import io.kymo.schemas.ConnectionEvent;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Segment;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds the segments and events of each batch, in their order, to the conversations they belong to,
 * and passes on what these say. One instance a partition, and one thread; all that it must remember
 * is in its two stores.
 *
 * <p>Time is each node's own: the latest event that came from there, carried on by the wall clock
 * only as far as the broker has shown that nothing more is to be read ({@link EndOffsets}). So a
 * lagging or replaying processor does not time requests out whose answers it has yet to read, and a
 * quiet node's requests do time out.
 */
final class ConversationProcessor extends ContextualProcessor<byte[], byte[], RowKey, Object>
    implements Connection.Owner {
  static final String CONNECTIONS = "connections";
  static final String SOURCES = "sources";

  // io.kymo.schemas.Segment: direction, flags
  private static final int EGRESS = 1;
  private static final int FIRST_OF_BURST = 1;

  private static final Logger LOG = LoggerFactory.getLogger(ConversationProcessor.class);
  private static final Duration TICK = Duration.ofMillis(200);
  private static final long SCAN_NS = 200_000_000L;
  // How long a connection that has ended is kept, for segments that are reported late.
  private static final long LINGER_NS = 5_000_000_000L;
  // A source that was silent for so long is not expected to go on with its sequence.
  private static final long SOURCE_SILENT_MS = Duration.ofDays(7).toMillis();

  private final BatchDecoder decoder;
  private final Limits limits;
  private final Map<String, Parser> parsers;
  private final Timing timing;
  private final EndOffsets endOffsets;
  private final Metrics metrics;
  private final TaskMeters meters;

  private int partition;
  private Reassembly reassembly;
  private ConnectionCodec codec;
  private DirtyHeapStore<ConversationKey, Connection> connections;
  private DirtyHeapStore<SourceKey, Source> sources;
  private long nextOffset = -1;
  private EndOffsets.Observation awaited;
  private long streamTime = Long.MIN_VALUE;
  private long scannedAt = Long.MIN_VALUE;
  private long rowTimestampMs;

  // What conversations say is passed on when they have returned: forwarding can throw, and their
  // parsers' errors are caught in there.
  private final List<Record<RowKey, Object>> outbox = new ArrayList<>();
  private final List<String> outboxTo = new ArrayList<>();
  private Connection[] inBatch = new Connection[64];

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

  @Override
  public void init(ProcessorContext<RowKey, Object> context) {
    super.init(context);
    partition = context.taskId().partition();
    reassembly = new Reassembly(limits, parsers);
    codec = new ConnectionCodec(reassembly, this);
    sources = context.getStateStore(SOURCES);
    int unreadable = sources.open(new SourceCodec());
    connections = context.getStateStore(CONNECTIONS);
    unreadable += connections.open(codec);
    if (unreadable > 0) {
      metrics.add(ProcessorCounter.STATES_UNREADABLE, unreadable);
      LOG.warn(
          "{} stored connections were written by another version and are begun anew", unreadable);
    }
    long wallMs = context.currentSystemTimeMs();
    for (Source source : sources.entries().values()) {
      source.heard(wallMs);
    }
    for (Connection c : connections.entries().values()) {
      c.source = source(new SourceKey(c.key.node(), c.key.bootId()));
      schedule(c);
    }
    nextOffset = -1;
    awaited = null;
    streamTime = Long.MIN_VALUE;
    scannedAt = Long.MIN_VALUE;
    outbox.clear();
    outboxTo.clear();
    context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
    publish();
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RecordMetadata from = context().recordMetadata().orElseThrow();
    rowTimestampMs = record.timestamp();
    long recordNs = record.timestamp() * 1_000_000;
    try {
      take(decoder.decode(record.value()), from, recordNs, record.value());
    } catch (DeadLetterException e) {
      deadLetter(from, recordNs, e.reason(), e.getMessage(), record.value());
    }
    nextOffset = from.offset() + 1;
    if (streamTime - SCAN_NS >= scannedAt) {
      scan();
    }
    passOn();
    publish();
  }

  private void take(SegmentBatch batch, RecordMetadata from, long recordNs, byte[] value) {
    metrics.add(ProcessorCounter.BATCHES, 1);
    Source source = source(new SourceKey(batch.getNode(), batch.getBootId()));
    receive(source, batch);
    int count = batch.getConnections().size();
    if (inBatch.length < count) {
      inBatch = new Connection[count * 2];
    }
    for (int i = 0; i < count; i++) {
      inBatch[i] = connection(source, batch, i);
    }
    int invalid = feed(source, batch, count);
    if (invalid > 0) {
      metrics.add(ProcessorCounter.SEGMENTS_INVALID, invalid);
      deadLetter(
          from,
          recordNs,
          "invalid_segments",
          invalid
              + " segments or events name no connection, or have no length; the rest was processed",
          value);
    }
    for (int i = 0; i < count; i++) {
      if (inBatch[i] != null) {
        settle(inBatch[i]);
        inBatch[i] = null;
      }
    }
    source.heard(context().currentSystemTimeMs());
    streamTime = Math.max(streamTime, source.now());
    report(source, recordNs);
    sources.touch(source.key());
  }

  private Source source(SourceKey key) {
    Source source = sources.get(key);
    if (source == null) {
      source = new Source(key);
      source.heard(context().currentSystemTimeMs());
      sources.put(key, source);
    }
    return source;
  }

  private void receive(Source source, SegmentBatch batch) {
    boolean known = source.collectorStart() >= 0;
    long missing = source.missing();
    switch (source.receive(batch)) {
      case NEXT -> {}
      case FIRST -> {
        metrics.add(ProcessorCounter.COLLECTOR_RESTARTS, known ? 1 : 0);
        metrics.add(ProcessorCounter.BATCHES_MISSING, source.missing());
      }
      case JUMPED -> metrics.add(ProcessorCounter.BATCHES_MISSING, source.missing() - missing);
      case REPEATED -> metrics.add(ProcessorCounter.BATCHES_REPEATED, 1);
    }
  }

  /** The connection of a batch's facts; null when its transport is not known. */
  private Connection connection(Source source, SegmentBatch batch, int index) {
    ConnectionFacts facts = batch.getConnections().get(index);
    ConversationKey key = new ConversationKey(batch.getNode(), batch.getBootId(), facts.getId());
    Connection c = connections.get(key);
    if (c != null && c.isAnother(facts)) {
      end(c, c.lastTime);
      drop(c);
      c = null;
    }
    if (c == null) {
      return open(source, key, batch, index);
    }
    if (c.collectorStart != batch.getCollectorStart()) {
      c.collectorStart = batch.getCollectorStart();
      if (c.transport != Transport.TCP) {
        c.conversation.positionsBeginAnew();
      }
    }
    c.facts(facts);
    return c;
  }

  private Connection open(Source source, ConversationKey key, SegmentBatch batch, int index) {
    ConnectionFacts facts = batch.getConnections().get(index);
    Transport transport = Transport.ofWireId(facts.getTransport());
    if (transport == null) {
      metrics.add(ProcessorCounter.CONNECTIONS_UNKNOWN, 1);
      return null;
    }
    Connection c = new Connection(key, facts, transport, this);
    c.source = source;
    c.collectorStart = batch.getCollectorStart();
    c.opened = facts.getOpenedNs() == 0 ? 0 : facts.getOpenedNs() + batch.getClockOffsetNs();
    codec.converse(c, opens(batch, index));
    connections.put(key, c);
    metrics.add(ProcessorCounter.CONVERSATIONS_OPENED, 1);
    return c;
  }

  /** Only who saw a connection open has all of its bytes from the first one on. */
  private static boolean opens(SegmentBatch batch, int index) {
    for (ConnectionEvent event : batch.getEvents()) {
      if (event.getConnection() == index
          && event.getKind() == ConnectionEventKind.OPENED.wireId()) {
        return true;
      }
    }
    return false;
  }

  /** Segments and events in the order in which they happened. Returns how many were invalid. */
  private int feed(Source source, SegmentBatch batch, int count) {
    List<Segment> segments = batch.getSegments();
    List<ConnectionEvent> events = batch.getEvents();
    long offset = batch.getClockOffsetNs();
    int invalid = 0;
    int e = 0;
    for (int i = 0; i < segments.size(); i++) {
      for (; e < events.size() && events.get(e).getAfter() <= i; e++) {
        invalid += event(source, events.get(e), count, offset) ? 0 : 1;
      }
      invalid += segment(source, segments.get(i), count, offset) ? 0 : 1;
    }
    for (; e < events.size(); e++) {
      invalid += event(source, events.get(e), count, offset) ? 0 : 1;
    }
    return invalid;
  }

  private boolean segment(Source source, Segment s, int count, long offset) {
    if (s.getConnection() < 0 || s.getConnection() >= count || s.getLength() < 0) {
      return false;
    }
    Connection c = inBatch[s.getConnection()];
    if (c == null) {
      return true; // its transport is not known, which is counted
    }
    long time = s.getTimeNs() + offset;
    saw(source, c, time);
    ByteBuffer payload = s.getPayload();
    try {
      c.conversation.segment(
          s.getDirection() == EGRESS,
          time,
          s.getPosition(),
          s.getLength(),
          payload.array(),
          payload.arrayOffset() + payload.position(),
          payload.remaining(),
          (s.getFlags() & FIRST_OF_BURST) != 0);
    } catch (RuntimeException e) {
      fault(c, e);
    }
    return true;
  }

  private boolean event(Source source, ConnectionEvent e, int count, long offset) {
    metrics.add(ProcessorCounter.EVENTS, 1);
    if (e.getConnection() < 0 || e.getConnection() >= count) {
      return false;
    }
    Connection c = inBatch[e.getConnection()];
    ConnectionEventKind kind = ConnectionEventKind.ofWireId(e.getKind());
    if (c == null) {
      return true;
    }
    if (kind == null) {
      metrics.add(ProcessorCounter.EVENTS_UNKNOWN, 1);
      return true;
    }
    long time = e.getTimeNs() + offset;
    saw(source, c, time);
    try {
      apply(c, kind, e, time);
    } catch (RuntimeException bug) {
      fault(c, bug);
    }
    return true;
  }

  private static void apply(Connection c, ConnectionEventKind kind, ConnectionEvent e, long time) {
    long ingress = e.getIngressPosition();
    long egress = e.getEgressPosition();
    switch (kind) {
      case OPENED -> c.conversation.opened(ingress, egress);
      case SHUTDOWN_EGRESS -> c.conversation.shutdown(true, time, egress);
      case SHUTDOWN_INGRESS -> c.conversation.shutdown(false, time, ingress);
      case CONNECT_FAILED -> {
        c.state = Connection.State.FAILED;
        c.error = e.getError();
        c.conversation.close(time, ingress, egress, false);
      }
      case CLOSED -> {
        if (c.state == Connection.State.OPEN) {
          c.state = Connection.State.CLOSED;
        }
        c.conversation.close(time, ingress, egress, false);
      }
      case RESET -> {
        c.state = Connection.State.RESET;
        c.error = e.getError();
        c.conversation.close(time, ingress, egress, true);
      }
    }
  }

  private void saw(Source source, Connection c, long time) {
    source.saw(time);
    if (c.reportedAt == Long.MIN_VALUE) {
      c.reportedAt =
          time; // the first row of an open connection comes an interval after its beginning
    }
    c.lastTime = Math.max(c.lastTime, time);
    c.changed = true;
  }

  /**
   * A bug outside of parsers (which the conversation catches itself) costs one connection its
   * state, not all others theirs.
   */
  private void fault(Connection c, RuntimeException bug) {
    metrics.add(ProcessorCounter.CONVERSATION_FAULTS, 1);
    LOG.error("connection {} is given up", c.key, bug);
    c.conversation.giveUp("conversation_fault");
  }

  /** After work on a connection: its state is to be stored, and it is to be looked at again. */
  private void settle(Connection c) {
    if (connections.get(c.key) != c) {
      return; // given way to another with the same id
    }
    if (c.conversation.finished() && c.changed && !c.ended) {
      c.ended = true;
      row(c, c.lastTime);
      metrics.add(ProcessorCounter.CONVERSATIONS_CLOSED, c.state == Connection.State.OPEN ? 0 : 1);
    }
    connections.touch(c.key);
    schedule(c);
  }

  private void schedule(Connection c) {
    if (c.conversation.finished()) {
      c.due = c.lastTime + LINGER_NS;
    } else {
      c.due = Math.min(c.conversation.deadline(), c.lastTime + idleNs(c));
      if (c.changed) {
        c.due = Math.min(c.due, c.reportedAt + timing.connectionIntervalNs());
      }
      if (c.tooLarge) {
        c.due = Long.MIN_VALUE;
      }
    }
  }

  private long idleNs(Connection c) {
    return c.transport.stream() ? timing.streamIdleNs() : timing.datagramIdleNs();
  }

  /** Wall clock: time goes on where nothing comes any more. */
  private void tick(long wallMs) {
    rowTimestampMs = wallMs;
    if (awaited == null) {
      awaited = endOffsets.latest(partition);
    }
    if (awaited != null && Math.max(nextOffset, awaited.committed()) >= awaited.end()) {
      for (Source source : sources.entries().values()) {
        source.quietUntil(awaited.askedAtMs());
      }
      awaited = null;
    }
    forgetSilentSources(wallMs);
    for (Source source : sources.entries().values()) {
      report(source, source.now());
    }
    scan();
    passOn();
    publish();
  }

  private void forgetSilentSources(long wallMs) {
    List<SourceKey> silent = new ArrayList<>();
    for (Source source : sources.entries().values()) {
      if (wallMs - source.heardAtMs() > SOURCE_SILENT_MS) {
        silent.add(source.key());
      }
    }
    silent.forEach(sources::remove);
  }

  /** Looks at every connection whose time has come. */
  private void scan() {
    scannedAt = streamTime;
    List<Connection> done = new ArrayList<>();
    for (Connection c : connections.entries().values()) {
      if (c.due <= c.source.now() || c.tooLarge && !c.conversation.finished()) {
        attend(c, c.source.now(), done);
      }
    }
    done.forEach(this::drop);
  }

  private void attend(Connection c, long now, List<Connection> done) {
    if (c.conversation.finished()) {
      if (now >= c.lastTime + LINGER_NS) {
        if (c.changed) {
          row(c, now); // something came after its end
        }
        done.add(c);
      }
      return;
    }
    if (c.tooLarge) {
      c.tooLarge = false;
      c.conversation.giveUp("state_too_large");
    }
    if (c.conversation.deadline() <= now) {
      advance(c, now);
    }
    if (!c.conversation.finished() && now >= c.lastTime + idleNs(c)) {
      end(c, now);
      done.add(c);
      metrics.add(ProcessorCounter.CONVERSATIONS_EXPIRED, 1);
      return;
    }
    if (c.changed
        && !c.conversation.finished()
        && now >= c.reportedAt + timing.connectionIntervalNs()) {
      row(c, now);
    }
    settle(c);
  }

  private void advance(Connection c, long now) {
    try {
      c.conversation.advance(now);
    } catch (RuntimeException e) {
      fault(c, e);
    }
    c.changed = true;
  }

  /** Ends a conversation of which no end was told. */
  private void end(Connection c, long now) {
    if (!c.conversation.finished()) {
      c.conversation.close(now, -1, -1, false);
      advance(c, now + limits.closeNs() + 1); // nothing more is waited for
    }
    if (c.changed) {
      row(c, now);
    }
  }

  private void drop(Connection c) {
    c.conversation.release();
    connections.remove(c.key);
  }

  @Override
  public void exchange(Connection c, CompletedExchange e) {
    metrics.add(ProcessorCounter.EXCHANGES, c.conversation.protocol(), 1);
    var row = Rows.exchange(c, e);
    send("enrich", row.getExchangeId(), new ObservedExchange(row, c.end(), c.localIsClient()));
  }

  @Override
  public void opaque(Connection c, String reason) {
    metrics.add(ProcessorCounter.OPAQUE, reason, 1);
    c.changed = true;
    if (connections.get(c.key) == c) {
      connections.touch(c.key);
    }
  }

  private void row(Connection c, long time) {
    c.changed = false;
    c.reportedAt = time;
    send("write-connections", c.key.connection(), Rows.connection(c, time));
  }

  private void report(Source source, long atNs) {
    CollectorStats stats =
        source.report(partition, Math.max(atNs, source.now()), timing.statsIntervalNs());
    if (stats != null) {
      sources.touch(source.key());
      send("write-collector-stats", partition, stats);
    }
  }

  private void deadLetter(
      RecordMetadata from, long timeNs, String reason, String detail, byte[] value) {
    metrics.add(ProcessorCounter.DEAD_LETTERS, reason, 1);
    send("write-dead-letters", from.offset(), Rows.deadLetter(from, timeNs, reason, detail, value));
  }

  private void send(String to, long id, Object row) {
    outbox.add(new Record<>(new RowKey(partition, id), row, Math.max(0, rowTimestampMs)));
    outboxTo.add(to);
  }

  private void passOn() {
    for (int i = 0; i < outbox.size(); i++) {
      context().forward(outbox.get(i), outboxTo.get(i));
    }
    outbox.clear();
    outboxTo.clear();
  }

  private void publish() {
    meters.publish(
        reassembly,
        connections.entries().size(),
        connections.writtenBytes() + sources.writtenBytes());
  }

  @Override
  public void close() {
    meters.retire();
  }
}
