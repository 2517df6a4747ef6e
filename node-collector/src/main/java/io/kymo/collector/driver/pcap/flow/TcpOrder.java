package io.kymo.collector.driver.pcap.flow;

import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;

/**
 * From the first to the last segment of TCP connections: how they begin and end, and what the
 * acknowledgements of one direction say of the other.
 */
final class TcpOrder {
  private static final int ECONNRESET = 104;
  private static final int ECONNREFUSED = 111;

  private final FlowListener listener;
  private final PacketCounters counters;
  private final TcpBytes bytes;

  /**
   * @param mostHeld bytes of all connections that wait for earlier ones
   */
  TcpOrder(FlowListener listener, PacketCounters counters, long mostHeld) {
    this.listener = listener;
    this.counters = counters;
    this.bytes = new TcpBytes(listener, counters, mostHeld);
  }

  void segment(Flow flow, Packet p) {
    int direction = flow.directionOf(p);
    Stream stream = flow.stream(direction);
    Stream other = flow.stream(1 - direction);
    int position = p.sequence;
    if ((p.flags & Packet.SYN) != 0) {
      position++;
      if (!flow.ended) {
        handshake(flow, stream, other, p);
      }
    }
    if ((p.flags & Packet.RST) != 0) {
      reset(flow, p, stream, other);
      return;
    }
    if (!flow.ended && stream.begun && foreign(flow, stream, position, p)) {
      counters.add(PacketCounter.FOREIGN_SEGMENTS, 1);
      return;
    }
    if ((p.flags & Packet.ACK) != 0 && !flow.ended) {
      acknowledged(flow, 1 - direction, p.acknowledged, p.timeNs);
    }
    if (p.length > 0) {
      if (flow.ended) {
        late(stream, position, p.length);
        return;
      }
      tell(flow, p.timeNs);
      bytes.data(flow, direction, stream, position, p);
    }
    if ((p.flags & Packet.FIN) != 0 && !stream.finished && !flow.ended) {
      stream.finished = true;
      stream.end = position + p.length;
    }
    if (stream.finished || other.finished) {
      ends(flow, p.timeNs);
    }
  }

  private static boolean foreign(Flow flow, Stream stream, int position, Packet p) {
    return (p.length > 0 || (p.flags & Packet.FIN) != 0)
        && stream.foreign(position, p.timeNs - Math.max(stream.lastNs, flow.openedNs));
  }

  private void handshake(Flow flow, Stream stream, Stream other, Packet p) {
    if (!stream.begun) {
      stream.begin(p.sequence + 1, true);
    }
    if ((p.flags & Packet.ACK) != 0 && !other.begun) {
      other.begin(p.acknowledged, true);
    }
    if (stream.begun && other.begun) {
      tell(flow, p.timeNs);
    }
  }

  /** Everything before {@code position} has come to the other end. */
  private void acknowledged(Flow flow, int direction, int position, long timeNs) {
    Stream stream = flow.stream(direction);
    if (stream.begun) {
      stream.acknowledge(position);
      bytes.confirmed(flow, direction, timeNs);
    }
    int from = stream.passed;
    if (stream.passedUnseen(position, timeNs)) {
      tell(flow, timeNs);
      passed(flow, direction, from);
    }
  }

  /** Bytes of one direction were not captured: from {@code from} on if it has not begun. */
  private void passed(Flow flow, int direction, int from) {
    Stream stream = flow.stream(direction);
    counters.add(PacketCounter.LOST_HOLES, 1);
    if (!stream.begun) {
      stream.begin(from, false);
      listener.passed(flow, direction, stream.passedNs, from & 0xffffffffL);
    }
    flow.lastDirection = direction;
    listener.passed(flow, direction, stream.passedNs, stream.passed & 0xffffffffL);
  }

  private void tell(Flow flow, long timeNs) {
    if (!flow.told) {
      flow.told = true;
      listener.began(flow, timeNs);
    }
  }

  private void late(Stream stream, int position, int length) {
    int fresh = position + length - stream.next;
    int again = Math.min(length, Math.max(0, length - fresh));
    counters.add(PacketCounter.DUPLICATE_BYTES, again);
    counters.add(PacketCounter.AFTER_END_BYTES, length - again);
  }

  private void ends(Flow flow, long timeNs) {
    if (flow.ended) {
      return;
    }
    tell(flow, timeNs);
    shutdown(flow, Flow.INGRESS, timeNs);
    shutdown(flow, Flow.EGRESS, timeNs);
    if (flow.ingress.shutdownTold && flow.egress.shutdownTold) {
      end(flow, timeNs, FlowListener.End.CLOSED, 0);
    }
  }

  private void shutdown(Flow flow, int direction, long timeNs) {
    Stream stream = flow.stream(direction);
    boolean there =
        stream.finished
            && (!stream.begun || stream.next == stream.end || stream.confirmed(stream.end));
    if (there && !stream.shutdownTold) {
      stream.shutdownTold = true;
      listener.shutdown(flow, direction, timeNs, stream.endPosition());
    }
  }

  private void reset(Flow flow, Packet p, Stream stream, Stream other) {
    if (flow.ended) {
      return;
    }
    flow.refused = !flow.told && !stream.begun && other.fromStart;
    tell(flow, p.timeNs);
    if (flow.refused) {
      end(flow, p.timeNs, FlowListener.End.REFUSED, ECONNREFUSED);
    } else {
      end(flow, p.timeNs, FlowListener.End.RESET, ECONNRESET);
    }
  }

  /** Hands on what waits, then tells the end. */
  void end(Flow flow, long timeNs, FlowListener.End end, int error) {
    bytes.release(flow, Flow.INGRESS, timeNs);
    bytes.release(flow, Flow.EGRESS, timeNs);
    flow.ended = true;
    if (flow.told) {
      passedAtEnd(flow, Flow.INGRESS);
      passedAtEnd(flow, Flow.EGRESS);
      listener.ended(
          flow, timeNs, end, error, flow.ingress.endPosition(), flow.egress.endPosition());
    }
  }

  private void passedAtEnd(Flow flow, int direction) {
    Stream stream = flow.stream(direction);
    int from = stream.passed;
    if (stream.passedUnseenAtEnd()) {
      passed(flow, direction, from);
    }
  }

  /** Gives up waiting for what did not come for long. */
  void giveUp(long now) {
    bytes.giveUp(now);
  }
}
