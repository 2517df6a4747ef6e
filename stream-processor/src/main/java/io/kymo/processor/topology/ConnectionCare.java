package io.kymo.processor.topology;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.Transport;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task's connections: from their first batch, over what must be done when nothing comes, to their
 * last row.
 */
final class ConnectionCare implements Connection.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionCare.class);
  // How long a connection that has ended is kept, for segments that are reported late.
  private static final long LINGER_NS = 5_000_000_000L;

  // How long TCP's last word on a connection is waited for, as the collector does, and a bit.
  private static final long TCP_LINGER_NS = 65_000_000_000L;

  // A collector that started anew tells of what goes on within this time, else it is not known
  // whether the connection still is.
  private static final long UNSEEN_NS = 60_000_000_000L;

  private final DirtyHeapStore<ConversationKey, Connection> connections;
  private final ConnectionCodec codec;
  private final Limits limits;
  private final Timing timing;
  private final Metrics metrics;
  private final Outbox outbox;

  ConnectionCare(
      DirtyHeapStore<ConversationKey, Connection> connections,
      Reassembly reassembly,
      Limits limits,
      Timing timing,
      Metrics metrics,
      Outbox outbox) {
    this.connections = connections;
    this.codec = new ConnectionCodec(reassembly, this);
    this.limits = limits;
    this.timing = timing;
    this.metrics = metrics;
    this.outbox = outbox;
  }

  /** Begins with what was restored. */
  void open(SourceWatch sources, long wallMs) {
    int unreadable = connections.open(codec);
    if (unreadable > 0) {
      metrics.add(ProcessorCounter.STATES_UNREADABLE, unreadable);
      LOG.warn(
          "{} stored connections were written by another version and are begun anew", unreadable);
    }
    for (Connection c : connections.entries().values()) {
      c.source = sources.source(new SourceKey(c.key.node(), c.key.bootId()), wallMs);
      schedule(c);
    }
  }

  /**
   * The connection that these facts speak of.
   *
   * @param opens whether the batch tells that it was opened: only then all of its bytes are there
   *     from the first one on
   * @return null when its transport is not known
   */
  Connection of(Source source, SegmentBatch batch, ConnectionFacts facts, boolean opens) {
    ConversationKey key = new ConversationKey(batch.getNode(), batch.getBootId(), facts.getId());
    Connection c = connections.get(key);
    if (c != null && c.isAnother(facts)) {
      end(c, c.lastTime);
      drop(c);
      c = null;
    }
    if (c == null) {
      return begin(source, key, batch, facts, opens);
    }
    if (c.collectorStart != batch.getCollectorStart()) {
      c.collectorStart = batch.getCollectorStart();
      if (c.state == Connection.State.UNSEEN) {
        c.state = Connection.State.OPEN;
      }
      if (c.transport != Transport.TCP || c.plaintext()) {
        c.conversation.positionsBeginAnew();
      }
    }
    c.facts(facts);
    return c;
  }

  private Connection begin(
      Source source,
      ConversationKey key,
      SegmentBatch batch,
      ConnectionFacts facts,
      boolean opens) {
    Transport transport = Transport.ofWireId(facts.getTransport());
    if (transport == null) {
      metrics.add(ProcessorCounter.CONNECTIONS_UNKNOWN, 1);
      return null;
    }
    Connection c = new Connection(key, facts, transport, this);
    c.source = source;
    c.collectorStart = batch.getCollectorStart();
    c.opened = facts.getOpenedNs() == 0 ? 0 : facts.getOpenedNs() + batch.getClockOffsetNs();
    codec.converse(c, opens);
    connections.put(key, c);
    metrics.add(ProcessorCounter.CONVERSATIONS_OPENED, 1);
    return c;
  }

  /** After work on a connection: its state is to be stored, and it is to be looked at again. */
  void settle(Connection c) {
    if (connections.get(c.key) != c) {
      return; // given way to another with the same id
    }
    if (c.conversation.finished() && c.changed && !c.ended && !c.tcp.awaitsEnd()) {
      lastRow(c, c.lastTime);
    }
    connections.touch(c.key);
    schedule(c);
  }

  private void schedule(Connection c) {
    if (c.conversation.finished()) {
      c.due = c.lastTime + (c.tcp.awaitsEnd() && !c.changed ? TCP_LINGER_NS : LINGER_NS);
      return;
    }
    c.due = Math.min(c.conversation.deadline(), c.lastTime + idleNs(c));
    if (c.changed) {
      c.due = Math.min(c.due, c.reportedAt + timing.connectionIntervalNs());
    }
  }

  private long idleNs(Connection c) {
    return c.transport.stream() ? timing.streamIdleNs() : timing.datagramIdleNs();
  }

  /** Looks after every connection whose time has come. */
  void scan() {
    List<Connection> done = new ArrayList<>();
    for (Connection c : connections.entries().values()) {
      long now = c.source.now();
      if (unseen(c)) {
        c.state = Connection.State.UNSEEN;
        row(c, Math.max(now, c.lastTime));
        settle(c);
      }
      if (c.due <= now || c.tooLarge) {
        attend(c, now, done);
      }
    }
    done.forEach(this::drop);
  }

  /**
   * A connection of an earlier collector, of which the one that runs has not spoken. Its state is
   * kept: it may just be idle.
   */
  private static boolean unseen(Connection c) {
    return c.state == Connection.State.OPEN
        && c.collectorStart < c.source.collectorStart()
        && c.source.livedNs() >= UNSEEN_NS
        && !c.conversation.finished();
  }

  private void attend(Connection c, long now, List<Connection> done) {
    if (c.conversation.finished()) {
      c.tooLarge = false;
      if (now >= c.lastTime + LINGER_NS && c.changed) {
        // something came after its end, or TCP's last word has not come
        lastRow(c, c.ended ? now : c.lastTime);
        settle(c);
      }
      if (now >= c.lastTime + (c.tcp.awaitsEnd() ? TCP_LINGER_NS : LINGER_NS)) {
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
      c.changed |= c.state == Connection.State.OPEN;
      c.state = c.state == Connection.State.OPEN ? Connection.State.UNSEEN : c.state;
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

  /**
   * A bug outside of parsers (whose bugs the conversation catches) costs one connection its state,
   * not all others theirs.
   */
  void fault(Connection c, RuntimeException bug) {
    metrics.add(ProcessorCounter.CONVERSATION_FAULTS, 1);
    LOG.error("connection {} is given up", c.key, bug);
    c.conversation.giveUp("conversation_fault");
  }

  /** Ends a conversation of which no end was told. */
  private void end(Connection c, long now) {
    if (!c.conversation.finished()) {
      c.conversation.close(c.lastTime, -1, -1, false);
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

  private void lastRow(Connection c, long time) {
    if (!c.ended) {
      c.ended = true;
      metrics.add(ProcessorCounter.CONVERSATIONS_CLOSED, c.state == Connection.State.OPEN ? 0 : 1);
    }
    row(c, time);
  }

  private void row(Connection c, long time) {
    c.changed = false;
    c.reportedAt = time;
    outbox.add(Outbox.CONNECTIONS, c.key.connection(), Rows.connection(c, time));
  }

  @Override
  public void exchange(Connection c, CompletedExchange e) {
    metrics.add(ProcessorCounter.EXCHANGES, c.conversation.spoken(), 1);
    Exchange row = Rows.exchange(c, e);
    outbox.add(
        Outbox.EXCHANGES,
        row.getExchangeId(),
        new ObservedExchange(row, c.end(), c.localIsClient()));
  }

  /**
   * May be said of a connection while another one is worked on: memory is bounded over all of them.
   */
  @Override
  public void opaque(Connection c, String reason) {
    metrics.add(ProcessorCounter.OPAQUE, reason, 1);
    c.changed = true;
    if (connections.get(c.key) == c) {
      connections.touch(c.key);
    }
  }

  int size() {
    return connections.entries().size();
  }

  long writtenBytes() {
    return connections.writtenBytes();
  }
}
