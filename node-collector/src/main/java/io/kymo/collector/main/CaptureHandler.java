package io.kymo.collector.main;

import io.kymo.collector.connection.Connection;
import io.kymo.collector.connection.ConnectionTracker;
import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.collector.driver.TcpEvent;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.collector.process.ProcessTable;
import io.kymo.collector.publish.Batcher;
import io.kymo.collector.tls.TlsWatch;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.TcpReportKind;
import java.util.Iterator;

/** From kernel events to batches: finds the connection, passes on what happened to it. */
final class CaptureHandler implements EventHandler {
  private static final long UNKNOWN = -1;

  /** Flag of a ConnectionEvent, see SegmentBatch.avsc. */
  private static final int LINGERS = 1;

  /** The kernel's names for why a reset was sent or a packet dropped. */
  interface Reasons {
    String name(int kind, int code);
  }

  private final ConnectionTracker connections;
  private final ProcessTable processes;
  private final Batcher batcher;
  private final Counters counters;
  private final Reasons reasons;
  private final TlsWatch tls;

  private final boolean packets;

  private long nowNanos;
  private long latestNanos;
  private long segments;
  private long bytes;
  private long payloadBytes;

  /**
   * @param tls null when plaintext of TLS is not wanted
   * @param packets whether events have the time of packets instead of the kernel's
   */
  CaptureHandler(
      ConnectionTracker connections,
      ProcessTable processes,
      Batcher batcher,
      Counters counters,
      Reasons reasons,
      TlsWatch tls,
      boolean packets) {
    this.connections = connections;
    this.processes = processes;
    this.batcher = batcher;
    this.counters = counters;
    this.reasons = reasons;
    this.tls = tls;
    this.packets = packets;
  }

  /** Time of this duty cycle, on the clock of {@link System#nanoTime}. */
  void now(long nanos) {
    nowNanos = nanos;
  }

  /** Adds what was received since the last call to the counters. */
  void publishCounts() {
    counters.add(CollectorCounter.RECEIVED_SEGMENTS, segments);
    counters.add(CollectorCounter.RECEIVED_BYTES, bytes);
    counters.add(CollectorCounter.RECEIVED_PAYLOAD_BYTES, payloadBytes);
    segments = 0;
    bytes = 0;
    payloadBytes = 0;
  }

  @Override
  public void onSocket(SocketEvent event) {
    connections.told(event, nowNanos);
    Iterator<TcpEvent> early = connections.early(event.socket());
    while (early != null && early.hasNext()) {
      report(connections.get(event.socket()), early.next());
    }
  }

  @Override
  public void onData(DataEvent event) {
    count(event);
    if (event.plaintext()) {
      onPlaintext(event);
      return;
    }
    Connection connection = connections.of(event, nowNanos);
    batcher.segment(connection, event, event.position(), nowNanos);
  }

  private void onPlaintext(DataEvent event) {
    Connection plaintext = connections.plaintextOf(event, nowNanos);
    if (plaintext.facts().getOpenedNs() != 0 && plaintext.fresh()) {
      int opened = ConnectionEventKind.OPENED.wireId();
      batcher.event(plaintext, event.timeNanos(), opened, 0, 0, 0, nowNanos);
    }
    plaintext.reached(event.direction(), event.position() + event.length());
    batcher.segment(plaintext, event, event.position(), nowNanos);
  }

  /** A conversation's positions count its own bytes, not those of the socket as the kernel does. */
  @Override
  public void onDatagram(DatagramEvent event) {
    count(event);
    Connection conversation = connections.of(event, nowNanos);
    if (conversation.facts().getOpenedNs() != 0 && conversation.fresh()) {
      int opened = ConnectionEventKind.OPENED.wireId();
      batcher.event(conversation, event.timeNanos(), opened, 0, 0, 0, nowNanos);
    }
    long position = conversation.advance(event.direction(), event.length());
    batcher.segment(conversation, event, position, nowNanos);
  }

  @Override
  public void onLife(LifeEvent event) {
    Connection connection = connections.get(event.socket());
    if (connection == null) {
      return; // forgotten, or its facts were lost and no data came
    }
    ConnectionEventKind kind = ConnectionEventKind.ofWireId(event.kind());
    boolean last = kind == ConnectionEventKind.CLOSED || kind == ConnectionEventKind.CONNECT_FAILED;
    if (connection.datagramSocket()) {
      if (last) {
        closeConversations(connection, event.timeNanos());
      }
    } else {
      batcher.event(
          connection,
          event.timeNanos(),
          event.kind(),
          event.lingers() ? LINGERS : 0,
          event.error(),
          event.ingressPosition(),
          event.egressPosition(),
          nowNanos);
      if (connection.plaintext() != null && (last || kind == ConnectionEventKind.RESET)) {
        end(connection.plaintext(), event.timeNanos(), event.kind(), event.error());
      }
    }
    if (last) {
      counters.increment(CollectorCounter.CONNECTIONS_CLOSED);
      if (event.lingers()) {
        connection.linger(nowNanos);
      } else {
        connections.forget(connection);
      }
    }
  }

  @Override
  public void onMalformed() {
    counters.increment(CollectorCounter.MALFORMED_EVENTS);
  }

  @Override
  public void onProcess(ProcessEvent event) {
    switch (event.kind()) {
      case ProcessEvent.FORK -> processes.forked(event.tgid(), event.parent());
      case ProcessEvent.EXEC -> {
        processes.executed(event.tgid(), event.comm());
        if (tls != null) {
          tls.executed(event.tgid());
        }
      }
      case ProcessEvent.MAP -> {
        if (tls != null) {
          tls.mapped(event.tgid(), event.device(), event.socket());
        }
      }
      case ProcessEvent.EXIT -> connections.exited(event.tgid(), nowNanos);
      default -> {
        // told by a newer kernel side
      }
    }
  }

  @Override
  public void onTcp(TcpEvent event) {
    counters.increment(CollectorCounter.TCP_REPORTS);
    Connection connection = connections.of(event, nowNanos);
    if (connection == null) {
      return;
    }
    report(connection, event);
    if (connection.lingering() && event.kind() == TcpReportKind.ENDED.wireId()) {
      connections.forget(connection);
    }
  }

  private void report(Connection connection, TcpEvent event) {
    String reason = reasons.name(event.kind(), event.reason());
    batcher.tcp(connection, event, reason, nowNanos);
  }

  /** A connection ended without a word of the kernel. */
  void closedUnseen(Connection connection) {
    long time = packets ? latestNanos : nowNanos;
    if (connection.datagramSocket()) {
      closeConversations(connection, time);
    } else {
      close(connection, time);
    }
  }

  private void closeConversations(Connection socket, long timeNs) {
    for (Connection peer = socket.next(); peer != null; peer = peer.next()) {
      close(peer, timeNs);
    }
  }

  private void end(Connection plaintext, long timeNs, int kind, int error) {
    batcher.event(
        plaintext,
        timeNs,
        kind,
        error,
        plaintext.position(DataEvent.INGRESS),
        plaintext.position(DataEvent.EGRESS),
        nowNanos);
  }

  private void close(Connection connection, long timeNs) {
    if (connection.plaintext() != null) {
      end(connection.plaintext(), timeNs, ConnectionEventKind.CLOSED.wireId(), 0);
    }
    boolean counted = connection.datagram();
    batcher.event(
        connection,
        timeNs,
        ConnectionEventKind.CLOSED.wireId(),
        0,
        counted ? connection.position(DataEvent.INGRESS) : UNKNOWN,
        counted ? connection.position(DataEvent.EGRESS) : UNKNOWN,
        nowNanos);
  }

  private void count(DataEvent event) {
    latestNanos = Math.max(latestNanos, event.timeNanos());
    segments++;
    bytes += event.length();
    payloadBytes += event.captured();
  }
}
