package io.kymo.collector.connection;

import io.kymo.collector.driver.TcpEvent;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * What TCP told of sockets that are not known yet: of connects under way, whose facts come when
 * connect returns. Kept until then, or until the time is over. For one thread.
 */
final class EarlyReports {
  private static final int SOCKETS_MAX = 1024;
  private static final int REPORTS_MAX = 64;

  /** Longer than connect tries by default (tcp_syn_retries = 6: 127 s). */
  private static final long PATIENCE_NANOS = 180_000_000_000L;

  private static final class Waiting {
    final ArrayDeque<ByteBuffer> reports = new ArrayDeque<>();
    final long sinceNanos;

    Waiting(long sinceNanos) {
      this.sinceNanos = sinceNanos;
    }
  }

  private final Map<Long, Waiting> bySocket = new HashMap<>();
  private final Counters counters;
  private final TcpEvent flyweight = TcpEvent.detached();

  EarlyReports(Counters counters) {
    this.counters = counters;
  }

  /** Keeps a copy of a report. */
  void keep(TcpEvent event, long nowNanos) {
    Waiting waiting = bySocket.get(event.socket());
    if (waiting == null && bySocket.size() < SOCKETS_MAX) {
      waiting = new Waiting(nowNanos);
      bySocket.put(event.socket(), waiting);
    }
    if (waiting == null || waiting.reports.size() >= REPORTS_MAX) {
      counters.increment(CollectorCounter.LOST_TCP_REPORTS);
      return;
    }
    ByteBuffer copy = ByteBuffer.allocate(TcpEvent.LENGTH).order(ByteOrder.LITTLE_ENDIAN);
    event.copyTo(copy);
    waiting.reports.add(copy);
  }

  /** Forgets what was kept of a socket and returns it, oldest first; null when there is nothing. */
  Iterator<TcpEvent> take(long socket) {
    if (bySocket.isEmpty()) {
      return null;
    }
    Waiting waiting = bySocket.remove(socket);
    if (waiting == null) {
      return null;
    }
    return waiting.reports.stream()
        .map(
            copy -> {
              flyweight.wrap(copy, 0);
              return flyweight;
            })
        .iterator();
  }

  /** Gives up what has waited for too long. */
  void sweep(long nowNanos) {
    bySocket
        .values()
        .removeIf(
            waiting -> {
              boolean over = nowNanos - waiting.sinceNanos > PATIENCE_NANOS;
              if (over) {
                counters.add(CollectorCounter.LOST_TCP_REPORTS, waiting.reports.size());
              }
              return over;
            });
  }
}
