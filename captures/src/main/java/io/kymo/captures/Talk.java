package io.kymo.captures;

import io.kymo.collector.driver.pcap.flow.Flow;
import io.kymo.processor.enrichment.LocalEnd;
import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Conversation;
import io.kymo.processor.reassembly.ConversationListener;
import io.kymo.schemas.ClientEndpoint;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;

/** A flow with its conversation, as {@code topology.Connection} is in the stream-processor. */
final class Talk implements ConversationListener {
  /** Takes the exchanges. */
  interface Owner {
    void exchange(Talk talk, CompletedExchange exchange);
  }

  /** A place in the queue of those that wait; without a talk it holds no more. */
  static final class Due {
    final long time;
    Talk talk;

    Due(long time, Talk talk) {
      this.time = time;
      this.talk = talk;
    }
  }

  final long id;
  final Transport transport;
  private final Owner owner;
  private final String bootId;
  private final ConnectionFacts facts;
  final LocalEnd end;
  Conversation conversation;

  /** When it is looked at again; null: not to be. */
  Due due;

  /** Something happened since it was looked at last. */
  boolean stirred;

  private long clientEndpoint;
  private Role endpointRole = Role.UNKNOWN;

  Talk(Flow flow, String node, String bootId, Owner owner) {
    this.id = flow.id();
    this.transport = flow.tcp() ? Transport.TCP : Transport.UDP;
    this.owner = owner;
    this.bootId = bootId;
    this.facts = facts(flow);
    this.end = LocalEnd.of(node, facts);
  }

  private static ConnectionFacts facts(Flow flow) {
    ConnectionFacts facts = new ConnectionFacts();
    facts.setId(flow.id());
    facts.setTransport((flow.tcp() ? Transport.TCP : Transport.UDP).wireId());
    facts.setRole(flow.role().wireId());
    facts.setLocalAddress(flow.localAddress());
    facts.setLocalPort(flow.localPort());
    facts.setRemoteAddress(flow.remoteAddress());
    facts.setRemotePort(flow.remotePort());
    facts.setOpenedNs(flow.fromStart() ? flow.openedNs() : 0);
    facts.setPath("");
    facts.setComm("");
    facts.setExecutable("");
    facts.setCgroup("");
    facts.setContainerId("");
    return facts;
  }

  ConnectionFacts facts() {
    return facts;
  }

  boolean localIsClient() {
    return conversation.role() == Role.CLIENT
        || conversation.role() == Role.UNKNOWN && ClientEndpoint.localIsClient(facts);
  }

  /** Hash of the client's endpoint, with the role that the protocol may have shown by now. */
  long clientEndpoint() {
    Role role = localIsClient() ? Role.CLIENT : Role.SERVER;
    if (role != endpointRole) {
      endpointRole = role;
      clientEndpoint =
          role == Role.CLIENT
              ? ClientEndpoint.local(facts, bootId)
              : ClientEndpoint.remote(facts, bootId);
    }
    return clientEndpoint;
  }

  @Override
  public void exchange(CompletedExchange exchange) {
    owner.exchange(this, exchange);
  }
}
