package io.kymo.collector.driver.pcap.flow;

import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;
import java.util.ArrayList;
import java.util.List;

/**
 * Hands the bytes of TCP connections on in order. A segment that comes before earlier ones waits
 * for them, until they come, until the receiver confirms that it has them (then the capture lost
 * them, and a gap it will be), or until the wait is too long or takes too much memory.
 *
 * <pre>
 *   first        next        hole          held        hole       held
 *   ├─────────────┤░░░░░░░░░░░░░░░░░░░░░░░├─────────┤░░░░░░░░░░░├──────┤
 *    handed on              ▲ acknowledged past it: lost to the capture
 * </pre>
 */
final class TcpOrder {
  private static final long LONGEST_NS = 3_000_000_000L; // retransmissions begin with 1 s at most
  private static final int LARGEST_STREAM = 2 << 20;
  private static final int MOST_SEGMENTS = 4096;
  private static final int FEW = 1024;
  private static final int REACH = 64 << 20; // so far behind is rather far ahead; see Window
  private static final int ECONNRESET = 104;
  private static final int ECONNREFUSED = 111;

  private final FlowListener listener;
  private final PacketCounters counters;
  private final long mostHeld;
  private final List<Flow> waiting = new ArrayList<>();
  private int tidyAt = FEW;
  private long heldBytes;

  /**
   * @param mostHeld bytes of all connections that wait for earlier ones
   */
  TcpOrder(FlowListener listener, PacketCounters counters, long mostHeld) {
    this.listener = listener;
    this.counters = counters;
    this.mostHeld = mostHeld;
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
    if ((p.flags & Packet.ACK) != 0 && other.begun && !flow.ended) {
      other.acknowledge(p.acknowledged);
      confirmed(flow, 1 - direction, p.timeNs);
    }
    if (p.length > 0) {
      if (flow.ended) {
        late(stream, position, p.length);
        return;
      }
      tell(flow, p.timeNs);
      data(flow, direction, stream, position, p);
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

  private void data(Flow flow, int direction, Stream stream, int position, Packet p) {
    if (!stream.begun) {
      stream.begin(position, false);
    }
    int ahead = position - stream.next;
    if (ahead == 0) {
      deliver(flow, direction, position, p.length, p.bytes, p.offset, p.captured, p.timeNs);
    } else if (ahead < -REACH) {
      release(flow, direction, p.timeNs, PacketCounter.GIVEN_UP_HOLES);
      counters.add(PacketCounter.GIVEN_UP_HOLES, 1);
      deliver(flow, direction, position, p.length, p.bytes, p.offset, p.captured, p.timeNs);
    } else if (ahead > 0) {
      counters.add(PacketCounter.REORDERED_SEGMENTS, 1);
      hold(flow, stream, position, p);
      confirmed(flow, direction, p.timeNs);
      if (stream.held.size() > LARGEST_STREAM || stream.held.count() > MOST_SEGMENTS) {
        release(flow, direction, p.timeNs, PacketCounter.GIVEN_UP_HOLES);
      }
      bound(p.timeNs);
      return;
    } else {
      overlapping(flow, direction, stream, position, p);
    }
    if (!stream.held.isEmpty()) {
      drain(flow, direction, p.timeNs);
    }
  }

  private void overlapping(Flow flow, int direction, Stream stream, int position, Packet p) {
    int known = stream.next - position;
    if (known < p.length) {
      counters.add(PacketCounter.DUPLICATE_BYTES, known);
      int captured = Math.max(0, p.captured - known);
      int offset = p.offset + p.captured - captured;
      deliver(flow, direction, stream.next, p.length - known, p.bytes, offset, captured, p.timeNs);
    } else if (position - stream.holeFrom >= 0 && position + p.length - stream.holeTo <= 0) {
      // the capture had given it up; whether it is new the reassembly finds out
      listener.data(
          flow,
          direction,
          p.timeNs,
          position & 0xffffffffL,
          p.length,
          p.bytes,
          p.offset,
          p.captured,
          false);
    } else {
      counters.add(PacketCounter.DUPLICATE_BYTES, p.length);
    }
  }

  private void deliver(
      Flow flow,
      int direction,
      int position,
      int length,
      byte[] bytes,
      int offset,
      int captured,
      long timeNs) {
    Stream stream = flow.stream(direction);
    boolean burst = flow.lastDirection != direction;
    flow.lastDirection = direction;
    stream.next = position + length;
    stream.lastNs = Math.max(stream.lastNs, timeNs);
    listener.data(
        flow,
        direction,
        stream.lastNs,
        position & 0xffffffffL,
        length,
        bytes,
        offset,
        captured,
        burst);
  }

  private void hold(Flow flow, Stream stream, int position, Packet p) {
    HeldBytes held = stream.held();
    heldBytes -= held.size();
    if (!held.add(position, p.length, p.bytes, p.offset, p.captured, p.timeNs)) {
      counters.add(PacketCounter.DUPLICATE_BYTES, p.length);
    }
    heldBytes += held.size();
    if (!flow.waits) {
      if (waiting.size() >= tidyAt) {
        tidy();
      }
      flow.waits = true;
      waiting.add(flow);
    }
  }

  /** Hands on what no longer waits. */
  private void drain(Flow flow, int direction, long timeNs) {
    Stream stream = flow.stream(direction);
    HeldBytes held = stream.held;
    while (!held.isEmpty() && held.first().position() - stream.next <= 0) {
      heldBytes -= held.size();
      HeldBytes.Held h = held.removeFirst();
      heldBytes += held.size();
      int known = Math.min(stream.next - h.position(), h.length());
      counters.add(PacketCounter.DUPLICATE_BYTES, known);
      if (known < h.length()) {
        int captured = Math.max(0, h.bytes().length - known);
        deliver(
            flow,
            direction,
            stream.next,
            h.length() - known,
            h.bytes(),
            h.bytes().length - captured,
            captured,
            timeNs);
      }
    }
  }

  /** Steps over the hole before the first one that waits. */
  private void stepOver(Flow flow, int direction, long timeNs, PacketCounter why) {
    Stream stream = flow.stream(direction);
    counters.add(why, 1);
    stream.holeFrom = stream.next;
    stream.next = stream.held.first().position();
    stream.holeTo = stream.next;
    drain(flow, direction, timeNs);
  }

  private void release(Flow flow, int direction, long timeNs, PacketCounter why) {
    while (!flow.stream(direction).held.isEmpty()) {
      stepOver(flow, direction, timeNs, why);
    }
  }

  /** The receiver has what is missing here: it will not come again. */
  private void confirmed(Flow flow, int direction, long timeNs) {
    Stream stream = flow.stream(direction);
    while (!stream.held.isEmpty() && stream.confirmed(stream.held.first().position())) {
      stepOver(flow, direction, timeNs, PacketCounter.LOST_HOLES);
    }
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
    release(flow, Flow.INGRESS, timeNs, PacketCounter.GIVEN_UP_HOLES);
    release(flow, Flow.EGRESS, timeNs, PacketCounter.GIVEN_UP_HOLES);
    flow.ended = true;
    if (flow.told) {
      listener.ended(
          flow, timeNs, end, error, flow.ingress.endPosition(), flow.egress.endPosition());
    }
  }

  /** Gives up waiting for what did not come for long. */
  void giveUp(long now) {
    for (int i = waiting.size() - 1; i >= 0; i--) {
      Flow flow = waiting.get(i);
      for (int direction = Flow.INGRESS; direction <= Flow.EGRESS; direction++) {
        Stream stream = flow.stream(direction);
        if (!stream.held.isEmpty() && now - stream.held.oldest() > LONGEST_NS) {
          release(flow, direction, now, PacketCounter.GIVEN_UP_HOLES);
        }
      }
    }
    tidy();
  }

  /** Leaves those out that wait no more. */
  private void tidy() {
    waiting.removeIf(
        flow -> {
          flow.waits = !flow.ingress.held.isEmpty() || !flow.egress.held.isEmpty();
          return !flow.waits;
        });
    tidyAt = Math.max(FEW, 2 * waiting.size());
  }

  private void bound(long timeNs) {
    if (heldBytes <= mostHeld) {
      return;
    }
    for (int i = 0; heldBytes > mostHeld / 4 * 3 && i < waiting.size(); i++) {
      release(waiting.get(i), Flow.INGRESS, timeNs, PacketCounter.GIVEN_UP_HOLES);
      release(waiting.get(i), Flow.EGRESS, timeNs, PacketCounter.GIVEN_UP_HOLES);
    }
    tidy();
  }
}
