package io.kymo.captures;

import io.kymo.collector.driver.pcap.flow.Flow;
import io.kymo.collector.driver.pcap.flow.FlowListener;
import io.kymo.processor.enrichment.Enricher;
import io.kymo.processor.enrichment.ExchangeRows;
import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Privacy;
import io.kymo.schemas.ClientEndpoint;
import io.kymo.schemas.Exchange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * What happens to flows goes to their conversations; what these hand out becomes rows. Time is that
 * of the packets. For one thread.
 */
final class Conversations implements FlowListener, Talk.Owner {
  private static final int FULL = 60_000;

  private static final int FEW = 1024;

  private final Limits limits;
  private final int mostDue;
  private final Reassembly reassembly;
  private final Enricher enricher = new Enricher();
  private final String node;
  private final String bootId;
  private final RowWriter writer;
  private final Output output;
  private final Text text = new Text();
  private final PriorityQueue<Talk.Due> due =
      new PriorityQueue<>((a, b) -> Long.compare(a.time, b.time));
  private final List<Talk> stirred = new ArrayList<>();
  private final Map<String, long[]> rows = new TreeMap<>();
  private int empty; // places of the queue
  private long faults;

  /**
   * @param bootId of the host that captured: only there are loopback addresses its own
   */
  Conversations(Bounds bounds, String node, String bootId, RowWriter writer, Output output) {
    this.limits = bounds.limits();
    this.mostDue = bounds.flows() + bounds.flows() / 4;
    this.reassembly = new Reassembly(limits, Privacy.DEFAULT);
    this.node = node;
    this.bootId = bootId;
    this.writer = writer;
    this.output = output;
  }

  @Override
  public void began(Flow flow, long timeNs) {
    Talk talk = new Talk(flow, node, bootId, this);
    talk.conversation =
        reassembly.conversation(
            talk,
            talk.transport,
            flow.role(),
            ClientEndpoint.localIsClient(talk.facts()),
            flow.localPort(),
            flow.remotePort(),
            flow.fromStart());
    flow.attachment = talk;
    if (flow.fromStart()) {
      talk.conversation.opened(flow.firstPosition(Flow.INGRESS), flow.firstPosition(Flow.EGRESS));
    }
  }

  @Override
  public void data(
      Flow flow,
      int direction,
      long timeNs,
      long position,
      int length,
      byte[] bytes,
      int offset,
      int captured,
      boolean burst) {
    Talk talk = (Talk) flow.attachment;
    try {
      talk.conversation.segment(
          direction == Flow.EGRESS, timeNs, position, length, bytes, offset, captured, burst);
    } catch (RuntimeException e) { // a bug must not stop all other connections
      fault(talk);
    }
    stir(talk);
  }

  @Override
  public void passed(Flow flow, int direction, long timeNs, long position) {
    Talk talk = (Talk) flow.attachment;
    try {
      talk.conversation.passed(direction == Flow.EGRESS, timeNs, position);
    } catch (RuntimeException e) {
      fault(talk);
    }
    stir(talk);
  }

  @Override
  public void datagram(
      Flow flow,
      int direction,
      long timeNs,
      long position,
      int length,
      byte[] bytes,
      int offset,
      int captured,
      boolean burst) {
    data(flow, direction, timeNs, position, length, bytes, offset, captured, burst);
  }

  @Override
  public void shutdown(Flow flow, int direction, long timeNs, long position) {
    Talk talk = (Talk) flow.attachment;
    try {
      talk.conversation.shutdown(direction == Flow.EGRESS, timeNs, position);
    } catch (RuntimeException e) {
      fault(talk);
    }
    stir(talk);
  }

  @Override
  public void ended(Flow flow, long timeNs, End end, int error, long ingressEnd, long egressEnd) {
    Talk talk = (Talk) flow.attachment;
    try {
      if (end == End.RESET) {
        talk.conversation.close(timeNs, ingressEnd, egressEnd, true);
      }
      talk.conversation.close(timeNs, ingressEnd, egressEnd, false);
    } catch (RuntimeException e) {
      fault(talk);
    }
    stir(talk);
    flow.attachment = null; // nothing more will come for it
  }

  private void fault(Talk talk) {
    faults++;
    talk.conversation.giveUp("conversation_fault");
  }

  private void stir(Talk talk) {
    if (!talk.stirred) {
      talk.stirred = true;
      stirred.add(talk);
    }
  }

  /** To be called now and then: notes what waits since, ends what waited for too long. */
  void advance(long now) {
    settle();
    while (!due.isEmpty() && due.peek().time <= now) {
      next(now);
    }
    // their flows have ended, and time does not go on
    for (int tooMany = due.size() - empty - mostDue; tooMany > 0 && !due.isEmpty(); tooMany--) {
      next(Math.max(now, due.peek().time));
    }
  }

  /** Looks at the first of those that wait, at {@code now}. */
  private void next(long now) {
    Talk talk = due.poll().talk;
    if (talk == null) {
      empty--;
      return;
    }
    talk.due = null;
    if (talk.conversation.deadline() <= now) {
      advance(talk, now);
    }
    stir(talk);
    settle();
  }

  private void advance(Talk talk, long now) {
    try {
      talk.conversation.advance(now);
    } catch (RuntimeException e) {
      fault(talk);
    }
  }

  private void settle() {
    for (Talk talk : stirred) {
      talk.stirred = false;
      long deadline = talk.conversation.deadline();
      if (deadline < (talk.due == null ? Long.MAX_VALUE : talk.due.time)) {
        leave(talk);
        talk.due = new Talk.Due(deadline, talk);
        due.add(talk.due);
      } else if (talk.conversation.finished()) {
        leave(talk);
      }
    }
    stirred.clear();
  }

  /** Its place in the queue no longer keeps it in memory. */
  private void leave(Talk talk) {
    if (talk.due == null) {
      return;
    }
    talk.due.talk = null;
    talk.due = null;
    if (++empty > FEW + due.size() / 2) {
      due.removeIf(place -> place.talk == null);
      empty = 0;
    }
  }

  /** Nothing more comes; all flows have ended. */
  void finish() {
    settle();
    while (!due.isEmpty()) {
      Talk talk = due.poll().talk;
      if (talk != null && !talk.conversation.finished()) {
        advance(talk, talk.conversation.lastTime() + limits.closeNs() + 1);
      }
    }
    empty = 0;
    output.write(text);
  }

  @Override
  public void exchange(Talk talk, CompletedExchange e) {
    String protocol = talk.conversation.spoken();
    rows.computeIfAbsent(protocol, unseen -> new long[1])[0]++;
    boolean client = talk.localIsClient();
    Exchange row =
        ExchangeRows.of(e, protocol, talk.transport, talk.id, talk.clientEndpoint(), client);
    enricher.enrich(row, talk.end, client);
    writer.write(row, text);
    if (text.length() > FULL) {
      output.write(text);
    }
  }

  Reassembly reassembly() {
    return reassembly;
  }

  /** Of the queue of those that wait, with the empty ones. */
  int places() {
    return due.size();
  }

  /** Rows by protocol. */
  Map<String, long[]> rows() {
    return rows;
  }

  /** Bugs met. */
  long faults() {
    return faults;
  }
}
