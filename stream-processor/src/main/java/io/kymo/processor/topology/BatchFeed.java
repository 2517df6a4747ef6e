package io.kymo.processor.topology;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.schemas.ConnectionEvent;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import io.kymo.schemas.Segment;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.TcpReport;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Gives the segments and events of a batch, in the order in which they happened, to the
 * conversations they belong to.
 */
final class BatchFeed {
  // io.kymo.schemas.Segment: direction, flags
  private static final int EGRESS = 1;
  private static final int FIRST_OF_BURST = 1;
  // io.kymo.schemas.ConnectionEvent: flags
  private static final int LINGERS = 1;

  private final ConnectionCare care;
  private final TcpFeed tcp;
  private final Metrics metrics;
  private Connection[] connections = new Connection[64];
  private int count;

  BatchFeed(ConnectionCare care, TcpFeed tcp, Metrics metrics) {
    this.care = care;
    this.tcp = tcp;
    this.metrics = metrics;
  }

  /** Returns how many segments and events were not valid and left out. */
  int feed(Source source, SegmentBatch batch) {
    List<ConnectionFacts> facts = batch.getConnections();
    count = facts.size();
    if (connections.length < count) {
      connections = new Connection[count * 2];
    }
    for (int i = 0; i < count; i++) {
      connections[i] = care.of(source, batch, facts.get(i), opens(batch, i));
    }
    int invalid = interleave(source, batch) + tcp(source, batch);
    for (int i = 0; i < count; i++) {
      if (connections[i] != null) {
        care.settle(connections[i]);
      }
    }
    Arrays.fill(connections, 0, count, null);
    return invalid;
  }

  private static boolean opens(SegmentBatch batch, int index) {
    for (ConnectionEvent event : batch.getEvents()) {
      if (event.getConnection() == index
          && event.getKind() == ConnectionEventKind.OPENED.wireId()) {
        return true;
      }
    }
    return false;
  }

  private int interleave(Source source, SegmentBatch batch) {
    List<Segment> segments = batch.getSegments();
    List<ConnectionEvent> events = batch.getEvents();
    long offset = batch.getClockOffsetNs();
    int invalid = 0;
    int e = 0;
    for (int i = 0; i < segments.size(); i++) {
      for (; e < events.size() && events.get(e).getAfter() <= i; e++) {
        invalid += event(source, events.get(e), offset) ? 0 : 1;
      }
      invalid += segment(source, segments.get(i), offset) ? 0 : 1;
    }
    for (; e < events.size(); e++) {
      invalid += event(source, events.get(e), offset) ? 0 : 1;
    }
    return invalid;
  }

  private int tcp(Source source, SegmentBatch batch) {
    int invalid = 0;
    for (TcpReport report : batch.getTcp()) {
      if (report.getConnection() < 0 || report.getConnection() >= count) {
        invalid++;
        continue;
      }
      Connection c = connections[report.getConnection()];
      if (c != null) {
        long time = report.getTimeNs() + batch.getClockOffsetNs();
        boolean changed = c.changed;
        saw(source, c, time);
        c.changed = changed; // figures need not have
        tcp.report(c, report, time);
      }
    }
    return invalid;
  }

  private boolean segment(Source source, Segment s, long offset) {
    if (s.getConnection() < 0 || s.getConnection() >= count || s.getLength() < 0) {
      return false;
    }
    Connection c = connections[s.getConnection()];
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
      care.fault(c, e);
    }
    return true;
  }

  private boolean event(Source source, ConnectionEvent e, long offset) {
    metrics.add(ProcessorCounter.EVENTS, 1);
    if (e.getConnection() < 0 || e.getConnection() >= count) {
      return false;
    }
    Connection c = connections[e.getConnection()];
    if (c == null) {
      return true;
    }
    ConnectionEventKind kind = ConnectionEventKind.ofWireId(e.getKind());
    if (kind == null) {
      metrics.add(ProcessorCounter.EVENTS_UNKNOWN, 1);
      return true;
    }
    long time = e.getTimeNs() + offset;
    saw(source, c, time);
    try {
      apply(c, kind, e, time);
    } catch (RuntimeException bug) {
      care.fault(c, bug);
    }
    return true;
  }

  private void apply(Connection c, ConnectionEventKind kind, ConnectionEvent e, long time) {
    long ingress = e.getIngressPosition();
    long egress = e.getEgressPosition();
    switch (kind) {
      case OPENED -> {
        c.tcp.established(c.localIsClient() && c.opened != 0 ? time - c.opened : 0);
        c.conversation.opened(ingress, egress);
      }
      case SHUTDOWN_EGRESS -> c.conversation.shutdown(true, time, egress);
      case SHUTDOWN_INGRESS -> c.conversation.shutdown(false, time, ingress);
      case CONNECT_FAILED -> {
        fail(c, e.getError(), TcpNames.error(e.getError()), time);
        c.conversation.close(time, ingress, egress, false);
      }
      case CLOSED -> {
        c.tcp.closed(time, (e.getFlags() & LINGERS) != 0);
        if (c.state == Connection.State.OPEN) {
          c.state = Connection.State.CLOSED;
          if (abandoned(c)) {
            fail(c, 0, TcpNames.ABANDONED, time);
          }
        }
        c.conversation.close(time, ingress, egress, false);
      }
      case RESET -> {
        c.state = Connection.State.RESET;
        c.error = e.getError();
        c.errorType = TcpNames.error(e.getError());
        c.tcp.closed(time, false);
        c.conversation.close(time, ingress, egress, true);
      }
    }
  }

  private void fail(Connection c, int error, String errorType, long time) {
    c.state = Connection.State.FAILED;
    c.error = error;
    c.errorType = errorType;
    c.tcp.closed(time, c.tcp.awaitsEnd());
    if (c.transport == Transport.TCP) {
      tcp.connectFailed(c, time);
    }
  }

  /** The process called connect, and closed the socket before that had an end. */
  private static boolean abandoned(Connection c) {
    return c.transport == Transport.TCP
        && c.opened != 0
        && c.facts().getRole() == Role.CLIENT.wireId()
        && !c.tcp.isEstablished()
        && c.conversation.received(false) == 0
        && c.conversation.received(true) == 0;
  }

  private static void saw(Source source, Connection c, long time) {
    source.saw(time);
    if (c.reportedAt == Long.MIN_VALUE) {
      c.reportedAt =
          time; // the first row of an open connection comes an interval after its beginning
    }
    c.lastTime = Math.max(c.lastTime, time);
    c.changed = true;
  }
}
