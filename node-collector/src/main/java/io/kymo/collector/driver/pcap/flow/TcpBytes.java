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
final class TcpBytes {
  private static final long LONGEST_NS = 3_000_000_000L; // retransmissions begin with 1 s at most
  private static final int LARGEST_STREAM = 2 << 20;
  private static final int MOST_SEGMENTS = 4096;
  private static final int FEW = 1024;
  private static final int REACH = 64 << 20; // so far behind is rather far ahead; see Window

  private final FlowListener listener;
  private final PacketCounters counters;
  private final long mostHeld;
  private final List<Flow> waiting = new ArrayList<>();
  private int tidyAt = FEW;
  private long heldBytes;

  /**
   * @param mostHeld bytes of all connections that wait for earlier ones
   */
  TcpBytes(FlowListener listener, PacketCounters counters, long mostHeld) {
    this.listener = listener;
    this.counters = counters;
    this.mostHeld = mostHeld;
  }

  /** Takes in the bytes of a segment that begins at {@code position}. */
  void data(Flow flow, int direction, Stream stream, int position, Packet p) {
    if (!stream.begun) {
      stream.begin(position, false);
    }
    int ahead = position - stream.next;
    if (ahead == 0) {
      deliver(flow, direction, position, p.length, p.bytes, p.offset, p.captured, p.timeNs);
    } else if (ahead < -REACH) {
      release(flow, direction, p.timeNs);
      counters.add(PacketCounter.GIVEN_UP_HOLES, 1);
      deliver(flow, direction, position, p.length, p.bytes, p.offset, p.captured, p.timeNs);
    } else if (ahead > 0) {
      counters.add(PacketCounter.REORDERED_SEGMENTS, 1);
      hold(flow, stream, position, p);
      confirmed(flow, direction, p.timeNs);
      if (stream.held.size() > LARGEST_STREAM || stream.held.count() > MOST_SEGMENTS) {
        release(flow, direction, p.timeNs);
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

  /** Waits no longer for what is missing. */
  void release(Flow flow, int direction, long timeNs) {
    while (!flow.stream(direction).held.isEmpty()) {
      stepOver(flow, direction, timeNs, PacketCounter.GIVEN_UP_HOLES);
    }
  }

  /** The receiver has what is missing here: it will not come again. */
  void confirmed(Flow flow, int direction, long timeNs) {
    Stream stream = flow.stream(direction);
    while (!stream.held.isEmpty() && stream.confirmed(stream.held.first().position())) {
      stepOver(flow, direction, timeNs, PacketCounter.LOST_HOLES);
    }
  }

  /** Gives up waiting for what did not come for long. */
  void giveUp(long now) {
    for (int i = waiting.size() - 1; i >= 0; i--) {
      Flow flow = waiting.get(i);
      for (int direction = Flow.INGRESS; direction <= Flow.EGRESS; direction++) {
        Stream stream = flow.stream(direction);
        if (!stream.held.isEmpty() && now - stream.held.oldest() > LONGEST_NS) {
          release(flow, direction, now);
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
      release(waiting.get(i), Flow.INGRESS, timeNs);
      release(waiting.get(i), Flow.EGRESS, timeNs);
    }
    tidy();
  }
}
