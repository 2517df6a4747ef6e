package io.kymo.processor.topology;

import io.kymo.schemas.TcpReport;
import io.kymo.schemas.TcpReportKind;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** How the network treated one TCP connection, as the kernel told last; times in ns. */
final class TcpFigures {
  private static final long MICRO = 1_000;

  private boolean established;

  /** 0: not known, or not the client. */
  private long connectNs;

  /** When the process closed it or it failed, ns since the epoch; 0 while it is open. */
  private long closed;

  /** The process closed it, and TCP's last word is waited for. */
  private boolean awaitsEnd;

  private int state;
  private long rttNs;
  private long rttVarianceNs;
  private long rttMinNs;
  private long retransmits;
  private long bytesRetransmitted;
  private long bytesAcked;
  private long bytesReceived;
  private long segmentsSent;
  private long segmentsReceived;
  private long lost;
  private long outOfOrder;
  private long reorderings;
  private long congestionWindow;
  private long receiverLimitedNs;
  private long drops;
  private long resetsSent;
  private long resetsReceived;
  private long zeroWindowsReceived;
  private long zeroWindowsSent;

  /** connect or accept succeeded. */
  void established(long tookNs) {
    established = true;
    connectNs = Math.max(0, tookNs);
  }

  boolean isEstablished() {
    return established;
  }

  void closed(long time, boolean goesOn) {
    closed = time;
    awaitsEnd = goesOn;
  }

  boolean awaitsEnd() {
    return awaitsEnd;
  }

  /**
   * Takes newer figures. The kernel clears them before it ends a connection with a reset: those are
   * told by fewer segments than before, and left out.
   *
   * @return whether a row would say something else now
   */
  boolean take(TcpReport report, TcpReportKind kind) {
    boolean changed = count(kind);
    if (kind == TcpReportKind.ENDED && awaitsEnd) {
      awaitsEnd = false;
      changed = true;
    }
    if (report.getSegmentsOut() < segmentsSent || report.getSegmentsIn() < segmentsReceived) {
      return changed;
    }
    changed |=
        report.getSegmentsOut() != segmentsSent
            || report.getSegmentsIn() != segmentsReceived
            || report.getState() != state
            || report.getSrttUs() * MICRO != rttNs;
    state = report.getState();
    if (report.getSrttUs() != 0) {
      rttNs = report.getSrttUs() * MICRO;
      rttVarianceNs = report.getRttVarianceUs() * MICRO;
      rttMinNs = report.getRttMinUs() * MICRO;
    }
    retransmits = report.getRetransmits();
    bytesRetransmitted = report.getBytesRetransmitted();
    bytesAcked = report.getBytesAcked();
    bytesReceived = report.getBytesReceived();
    segmentsSent = report.getSegmentsOut();
    segmentsReceived = report.getSegmentsIn();
    lost = report.getLost();
    outOfOrder = report.getOutOfOrder();
    reorderings = report.getReordered();
    congestionWindow = report.getCongestionWindow();
    receiverLimitedNs = report.getReceiverLimitedUs() * MICRO;
    return changed;
  }

  private boolean count(TcpReportKind kind) {
    switch (kind) {
      case DROP -> drops++;
      case RESET_SENT -> resetsSent++;
      case RESET_RECEIVED -> resetsReceived++;
      case ZERO_WINDOW_RECEIVED -> zeroWindowsReceived++;
      case ZERO_WINDOW_SENT -> zeroWindowsSent++;
      case RETRANSMIT -> {}
      case STATISTICS, ENDED -> {
        return false;
      }
    }
    return true;
  }

  /** Has any report come? */
  boolean told() {
    return segmentsSent + segmentsReceived > 0;
  }

  long connectNs() {
    return connectNs;
  }

  long closed() {
    return closed;
  }

  int state() {
    return state;
  }

  long rttNs() {
    return rttNs;
  }

  long rttVarianceNs() {
    return rttVarianceNs;
  }

  long rttMinNs() {
    return rttMinNs;
  }

  /** Segments sent again. */
  long retransmits() {
    return retransmits;
  }

  long bytesRetransmitted() {
    return bytesRetransmitted;
  }

  long bytesAcked() {
    return bytesAcked;
  }

  long bytesReceived() {
    return bytesReceived;
  }

  long segmentsSent() {
    return segmentsSent;
  }

  long segmentsReceived() {
    return segmentsReceived;
  }

  long lost() {
    return lost;
  }

  long outOfOrder() {
    return outOfOrder;
  }

  long reorderings() {
    return reorderings;
  }

  /** Segments. */
  long congestionWindow() {
    return congestionWindow;
  }

  long receiverLimitedNs() {
    return receiverLimitedNs;
  }

  long drops() {
    return drops;
  }

  long resetsSent() {
    return resetsSent;
  }

  long resetsReceived() {
    return resetsReceived;
  }

  long zeroWindowsReceived() {
    return zeroWindowsReceived;
  }

  long zeroWindowsSent() {
    return zeroWindowsSent;
  }

  void save(DataOutput out) throws IOException {
    out.writeBoolean(established);
    out.writeBoolean(awaitsEnd);
    out.writeInt(state);
    for (long value : values()) {
      out.writeLong(value);
    }
  }

  private long[] values() {
    return new long[] {
      connectNs,
      closed,
      rttNs,
      rttVarianceNs,
      rttMinNs,
      retransmits,
      bytesRetransmitted,
      bytesAcked,
      bytesReceived,
      segmentsSent,
      segmentsReceived,
      lost,
      outOfOrder,
      reorderings,
      congestionWindow,
      receiverLimitedNs,
      drops,
      resetsSent,
      resetsReceived,
      zeroWindowsReceived,
      zeroWindowsSent
    };
  }

  void load(DataInput in) throws IOException {
    established = in.readBoolean();
    awaitsEnd = in.readBoolean();
    state = in.readInt();
    connectNs = in.readLong();
    closed = in.readLong();
    rttNs = in.readLong();
    rttVarianceNs = in.readLong();
    rttMinNs = in.readLong();
    retransmits = in.readLong();
    bytesRetransmitted = in.readLong();
    bytesAcked = in.readLong();
    bytesReceived = in.readLong();
    segmentsSent = in.readLong();
    segmentsReceived = in.readLong();
    lost = in.readLong();
    outOfOrder = in.readLong();
    reorderings = in.readLong();
    congestionWindow = in.readLong();
    receiverLimitedNs = in.readLong();
    drops = in.readLong();
    resetsSent = in.readLong();
    resetsReceived = in.readLong();
    zeroWindowsReceived = in.readLong();
    zeroWindowsSent = in.readLong();
  }
}
