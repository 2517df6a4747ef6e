package io.kymo.processor.topology;

import io.kymo.processor.enrichment.LocalEnd;
import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Conversation;
import io.kymo.processor.reassembly.ConversationListener;
import io.kymo.schemas.ClientEndpoint;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Plaintext;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;

/** One connection of one node: its facts, its conversation, and what was reported of it. */
final class Connection implements ConversationListener {
  /** What becomes of the things that a connection has to say. */
  interface Owner {
    void exchange(Connection connection, CompletedExchange exchange);

    void opaque(Connection connection, String reason);
  }

  /** States, as they stand in column {@code state}; the order is the wire id in the changelog. */
  enum State {
    OPEN("open"),
    CLOSED("closed"),
    RESET("reset"),
    FAILED("failed"),
    /**
     * Nothing was heard of it since another collector runs, or for very long: it may have ended.
     */
    UNSEEN("unseen");

    final String id;

    State(String id) {
      this.id = id;
    }
  }

  final ConversationKey key;
  final Transport transport;
  private final Owner owner;
  private ConnectionFacts facts;
  private LocalEnd end;
  private long clientEndpoint;
  private Role endpointRole = Role.UNKNOWN;
  Conversation conversation;

  State state = State.OPEN;
  int error;

  /** error.type of how it failed or ended, empty when all went well. */
  String errorType = "";

  final TcpFigures tcp = new TcpFigures();

  /** Of the collector that told of it last. */
  long collectorStart;

  /** Latest segment, event or facts, ns since the epoch. */
  long lastTime;

  /** ns since the epoch, 0: open before the collector looked. */
  long opened;

  /** Stream time of the last row; what it said is out of date when {@link #changed}. */
  long reportedAt = Long.MIN_VALUE;

  boolean changed;

  /** The row that says how it ended was made. */
  boolean ended;

  /** Its state was written with more bytes than is good. Not stored. */
  boolean tooLarge;

  /** The collectors that tell of it. Not stored. */
  Source source;

  /** Stream time at which something is to be done. Not stored. */
  long due;

  Connection(ConversationKey key, ConnectionFacts facts, Transport transport, Owner owner) {
    this.key = key;
    this.transport = transport;
    this.owner = owner;
    this.facts = facts;
  }

  ConnectionFacts facts() {
    return facts;
  }

  /** Takes newer facts of the same connection. */
  void facts(ConnectionFacts newer) {
    if (newer.getPid() != facts.getPid()
        || newer.getRole() != facts.getRole()
        || newer.getOpenedNs() != facts.getOpenedNs()
        || newer.getPeerId() != facts.getPeerId()
        || newer.getLocalPort() != facts.getLocalPort()
        || newer.getRemotePort() != facts.getRemotePort()
        || !newer.getComm().equals(facts.getComm())
        || !newer.getExecutable().equals(facts.getExecutable())
        || !newer.getContainerId().equals(facts.getContainerId())
        || !newer.getPath().equals(facts.getPath())
        || !newer.getLocalAddress().equals(facts.getLocalAddress())
        || !newer.getRemoteAddress().equals(facts.getRemoteAddress())) {
      facts = newer;
      end = null;
      endpointRole = Role.UNKNOWN;
    }
  }

  /** Is it another connection that has the same id? (Inodes come again after 2^32 sockets.) */
  boolean isAnother(ConnectionFacts newer) {
    return newer.getTransport() != transport.wireId()
        || differ(facts.getOpenedNs(), newer.getOpenedNs())
        || differ(facts.getLocalPort(), newer.getLocalPort())
        || differ(facts.getRemotePort(), newer.getRemotePort())
        || differ(facts.getRemoteAddress(), newer.getRemoteAddress());
  }

  private static boolean differ(long a, long b) {
    return a != 0 && b != 0 && a != b;
  }

  private static boolean differ(ByteBuffer a, ByteBuffer b) {
    return a.hasRemaining() && b.hasRemaining() && !a.equals(b);
  }

  /** What TLS carries on the connection of the same addresses. */
  boolean plaintext() {
    return Plaintext.is(key.connection());
  }

  LocalEnd end() {
    if (end == null) {
      end = LocalEnd.of(key.node(), facts);
    }
    return end;
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
              ? ClientEndpoint.local(facts, key.bootId())
              : ClientEndpoint.remote(facts, key.bootId());
      if (plaintext()) {
        clientEndpoint =
            facts.getOpenedNs() != 0
                ? ClientEndpoint.plaintext(clientEndpoint)
                : ClientEndpoint.untied(clientEndpoint, key.connection(), role);
      }
    }
    return clientEndpoint;
  }

  @Override
  public void exchange(CompletedExchange exchange) {
    owner.exchange(this, exchange);
  }

  @Override
  public void opaque(String reason) {
    owner.opaque(this, reason);
  }
}
