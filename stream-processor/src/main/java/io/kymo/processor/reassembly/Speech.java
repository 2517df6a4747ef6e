package io.kymo.processor.reassembly;

import io.kymo.protocol.Input;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import io.kymo.schemas.Role;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What is spoken on a connection, and by whom: nothing, until it is recognised. Speaks to the
 * parser for both lanes.
 */
final class Speech {
  private final Reassembly shared;
  private final Lanes lanes;
  private final Recogniser recogniser;
  private Role role;
  private String protocol = "";
  private String wrapped = "";
  private Parser parser;
  private Session session;

  Speech(Reassembly shared, Lanes lanes, Recogniser recogniser, Role role) {
    this.shared = shared;
    this.lanes = lanes;
    this.recogniser = recogniser;
    this.role = role;
  }

  Role role() {
    return role;
  }

  /**
   * Id of the connection's protocol, empty before it is recognised; stays when parsing stops, and
   * when another one wraps it.
   */
  String protocol() {
    return wrapped.isEmpty() ? protocol : wrapped;
  }

  /** Id of the protocol whose messages are decoded. */
  String spoken() {
    return protocol;
  }

  Recogniser recogniser() {
    return recogniser;
  }

  /** Is there a parser to ask? */
  boolean known() {
    return parser != null;
  }

  /** What was found by the recogniser is spoken from now on. */
  void adopt() {
    adopt(recogniser.protocol(), recogniser.localIsClient());
  }

  /** Is it another protocol, for which there is a parser? */
  boolean mayBecome(String id) {
    return !id.equals(protocol) && shared.parsers.containsKey(id);
  }

  /**
   * The protocol of this id is spoken from now on, with the same roles.
   *
   * @param before the connection's protocol so far
   */
  void become(String id, String before) {
    adopt(id, role == Role.CLIENT);
    wrapped = parser.wraps() ? before : "";
  }

  private void adopt(String id, boolean localIsClient) {
    protocol = id;
    role = localIsClient ? Role.CLIENT : Role.SERVER;
    parser = shared.parsers.get(id);
    session = parser.newSession(recogniser.flow(localIsClient));
  }

  /** What is spoken must be found out anew. */
  void forget() {
    protocol = "";
    wrapped = "";
    end();
  }

  /** Nothing more is parsed. */
  void end() {
    parser = null;
    session = null;
  }

  /** The lane of the client's bytes. */
  Lane client() {
    return lanes.of(role == Role.CLIENT);
  }

  Lane server() {
    return lanes.of(role != Role.CLIENT);
  }

  Side side(Lane lane) {
    return lane.egress == (role == Role.CLIENT) ? Side.CLIENT : Side.SERVER;
  }

  Outcome decode(Input in, Lane lane) {
    return parser.decode(in, side(lane), session, lane.part.message());
  }

  /** The rest of the unit was not captured. Is what is there a message all the same? */
  boolean truncated(Input in, Lane lane) {
    return parser.truncated(in, side(lane), session, lane.part.message())
        && lane.part.message().begun();
  }

  /** Behind what was cut, these belong to no message that is being decoded. */
  void passedOver(Lane lane, long count) {
    parser.passedOver(count, side(lane), session);
  }

  boolean completeAtEnd(Lane lane) {
    return parser.completeAtEnd(side(lane), session, lane.part.message());
  }

  int resync(Input in, Lane lane) {
    return parser.resync(in, 0, side(lane), session);
  }

  void lost(Lane lane) {
    parser.lost(side(lane), session);
  }

  /** Heap that the session takes. */
  long weight() {
    return session == null ? 0 : session.weight();
  }

  void save(DataOutput out) throws IOException {
    out.writeByte(role.wireId());
    out.writeUTF(protocol);
    out.writeUTF(wrapped);
    recogniser.save(out);
    out.writeBoolean(session != null);
    if (session != null) {
      session.save(out);
    }
  }

  /**
   * Into a fresh instance.
   *
   * @throws IOException when this version does not know the protocol
   */
  void load(DataInput in) throws IOException {
    role = Role.ofWireId(in.readByte());
    protocol = in.readUTF();
    wrapped = in.readUTF();
    recogniser.load(in);
    if (in.readBoolean()) {
      parser = shared.parsers.get(protocol);
      if (parser == null) {
        throw new IOException("conversation of unknown protocol " + protocol);
      }
      session = parser.newSession(recogniser.flow(role == Role.CLIENT));
      session.load(in);
    }
  }
}
