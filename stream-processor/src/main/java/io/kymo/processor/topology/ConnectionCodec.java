package io.kymo.processor.topology;

import io.kymo.processor.reassembly.Reassembly;
import io.kymo.schemas.ClientEndpoint;
import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import io.kymo.schemas.wire.AvroBody;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Connections in their changelog: version, facts (Avro), what was reported, the conversation. */
final class ConnectionCodec implements StateCodec<ConversationKey, Connection> {
  private static final int VERSION = 3;
  // A quarter of what the changelog's topic takes, see TopicSetup: there is time to give the
  // connection up.
  private static final int LARGEST = 4 << 20;
  private static final Connection.State[] STATES = Connection.State.values();

  private final Reassembly reassembly;
  private final Connection.Owner owner;
  private final AvroBody<ConnectionFacts> factsBody = new AvroBody<>(ConnectionFacts.class);
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream(4 << 10);

  ConnectionCodec(Reassembly reassembly, Connection.Owner owner) {
    this.reassembly = reassembly;
    this.owner = owner;
  }

  /** Gives a connection its conversation; for a new one and for one that is loaded. */
  void converse(Connection c, boolean fromStart) {
    ConnectionFacts facts = c.facts();
    c.conversation =
        reassembly.conversation(
            c,
            c.transport,
            Role.ofWireId(facts.getRole()),
            ClientEndpoint.localIsClient(facts),
            facts.getLocalPort(),
            facts.getRemotePort(),
            fromStart);
  }

  @Override
  public byte[] keyBytes(ConversationKey key) {
    try {
      buffer.reset();
      DataOutputStream out = new DataOutputStream(buffer);
      out.writeUTF(key.node());
      out.writeUTF(key.bootId());
      out.writeLong(key.connection());
      return buffer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ConversationKey key(byte[] bytes) {
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      return new ConversationKey(in.readUTF(), in.readUTF(), in.readLong());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public byte[] valueBytes(Connection c) {
    try {
      buffer.reset();
      DataOutputStream out = new DataOutputStream(buffer);
      out.writeByte(VERSION);
      out.writeUTF(c.key.node());
      out.writeUTF(c.key.bootId());
      byte[] facts = factsBody.write(c.facts());
      out.writeInt(facts.length);
      out.write(facts);
      out.writeByte(c.state.ordinal());
      out.writeInt(c.error);
      out.writeUTF(c.errorType);
      c.tcp.save(out);
      out.writeLong(c.collectorStart);
      out.writeLong(c.lastTime);
      out.writeLong(c.opened);
      out.writeLong(c.reportedAt);
      out.writeBoolean(c.changed);
      out.writeBoolean(c.ended);
      c.conversation.save(out);
      c.tooLarge = buffer.size() > LARGEST;
      return buffer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Connection value(byte[] bytes) {
    try {
      return read(new DataInputStream(new ByteArrayInputStream(bytes)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Connection read(DataInputStream in) throws IOException {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IOException("connection of version " + version + ", can read " + VERSION);
    }
    String node = in.readUTF();
    String bootId = in.readUTF();
    ConnectionFacts facts = factsBody.read(in.readNBytes(in.readInt()));
    Connection c =
        new Connection(
            new ConversationKey(node, bootId, facts.getId()),
            facts,
            Transport.ofWireId(facts.getTransport()),
            owner);
    c.state = STATES[in.readByte()];
    c.error = in.readInt();
    c.errorType = in.readUTF();
    c.tcp.load(in);
    c.collectorStart = in.readLong();
    c.lastTime = in.readLong();
    c.opened = in.readLong();
    c.reportedAt = in.readLong();
    c.changed = in.readBoolean();
    c.ended = in.readBoolean();
    converse(c, false);
    try {
      c.conversation.load(in);
    } catch (IOException | RuntimeException e) {
      c.conversation.release(); // what was loaded by then is not counted
      throw e;
    }
    return c;
  }
}
