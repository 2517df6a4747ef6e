package io.kymo.processor.topology;

import io.kymo.processor.metrics.Metrics;
import io.kymo.processor.metrics.ProcessorCounter;
import io.kymo.schemas.TcpReport;
import io.kymo.schemas.TcpReportKind;
import java.util.Locale;

/** Gives what TCP told to the connections, and makes rows of what happened to them. */
final class TcpFeed {
  private final Outbox outbox;
  private final Metrics metrics;

  TcpFeed(Outbox outbox, Metrics metrics) {
    this.outbox = outbox;
    this.metrics = metrics;
  }

  /**
   * @param time of the report, ns since the epoch
   */
  void report(Connection c, TcpReport report, long time) {
    metrics.add(ProcessorCounter.TCP_REPORTS, 1);
    TcpReportKind kind = TcpReportKind.ofWireId(report.getKind());
    if (kind == null) {
      metrics.add(ProcessorCounter.EVENTS_UNKNOWN, 1);
      return;
    }
    boolean joined = c.opened == 0 && !c.tcp.told();
    long before = c.tcp.retransmits();
    c.changed |= c.tcp.take(report, kind);
    // whichever report tells of them first: a server's SYN-ACKs, sent again, have no event of their
    // own; of those from before the collector looked nobody knows when they were
    long again = c.tcp.retransmits() - before;
    if (joined) {
      again = kind == TcpReportKind.RETRANSMIT ? 1 : 0;
    }
    if (again > 0) {
      row(c, report, TcpReportKind.RETRANSMIT, again, time);
    }
    switch (kind) {
      case STATISTICS, ENDED, RETRANSMIT -> {}
      case DROP -> row(c, report, kind, 1, time);
      case RESET_SENT, RESET_RECEIVED, ZERO_WINDOW_RECEIVED, ZERO_WINDOW_SENT ->
          row(c, report, kind, 0, time);
    }
  }

  private void row(Connection c, TcpReport report, TcpReportKind kind, long segments, long time) {
    String event = kind.name().toLowerCase(Locale.ROOT);
    outbox.add(
        Outbox.TCP_EVENTS,
        c.key.connection(),
        Rows.tcpEvent(
            c, event, report.getReason(), segments, report.getState(), report.getError(), time));
  }

  /** connect failed, or was given up; {@link Connection#error} and its type are set. */
  void connectFailed(Connection c, long time) {
    outbox.add(
        Outbox.TCP_EVENTS,
        c.key.connection(),
        Rows.tcpEvent(c, "connect_failed", c.errorType, 0, 0, c.error, time));
  }
}
