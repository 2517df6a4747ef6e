package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.PartPool;
import io.kymo.protocol.Input;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Protocol;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the conversations of one task share: parsers, bounds, pools, sums. One thread. */
public final class Reassembly {
  final Limits limits;
  final Map<String, Parser> parsers;
  final PartPool parts = new PartPool();
  final BufferPool buffers = new BufferPool();
  final MemoryBudget budget;
  final Input input = new Input();
  final Input otherInput = new Input();
  private final Accounting accounting = new Accounting();
  private final Counters counters = new Counters();

  public Reassembly(Limits limits, Privacy privacy) {
    this(limits, parsersOf(privacy));
  }

  /**
   * @param parsers by protocol id, in probing order
   */
  public Reassembly(Limits limits, Map<String, Parser> parsers) {
    this.limits = limits;
    this.parsers = new LinkedHashMap<>(parsers);
    this.budget = new MemoryBudget(limits.memoryBytes());
  }

  /** Parsers of all protocols, in probing order. */
  public static Map<String, Parser> parsersOf(Privacy privacy) {
    Map<String, Parser> parsers = new LinkedHashMap<>();
    for (Protocol protocol : Protocol.all()) {
      parsers.put(protocol.id(), protocol.parser(privacy));
    }
    return parsers;
  }

  /**
   * A new conversation; for a stored one call {@link Conversation#load} on it next.
   *
   * @param role of the traced process
   * @param localPort 0 where there is none
   * @param localIsClientHint which end is rather the client, when the role is unknown
   * @param fromStart false when the connection was open before its first segment here
   */
  public Conversation conversation(
      ConversationListener listener,
      Transport transport,
      Role role,
      boolean localIsClientHint,
      int localPort,
      int remotePort,
      boolean fromStart) {
    return new Conversation(
        this, listener, transport, role, localIsClientHint, localPort, remotePort, fromStart);
  }

  /** Sum over all conversations. */
  public Accounting accounting() {
    return accounting;
  }

  public Counters counters() {
    return counters;
  }

  /** Bytes of heap that conversations take, roughly. */
  public long memoryUsed() {
    return budget.used();
  }
}
