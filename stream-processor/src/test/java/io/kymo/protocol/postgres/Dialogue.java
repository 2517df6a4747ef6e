package io.kymo.protocol.postgres;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Side;
import io.kymo.schemas.Transport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Plays messages to the parser, each alone, and keeps what comes of them. */
final class Dialogue {
  private static final Flow FLOW = new Flow(Transport.TCP, 40_000, 5432, true);

  final List<Message> messages = new ArrayList<>();
  private final PostgresParser parser;
  private final Message[] current = {new Message(), new Message()};
  private PostgresSession session;
  private Outcome outcome;

  Dialogue(Privacy privacy) {
    parser = new PostgresParser(privacy);
    session = (PostgresSession) parser.newSession(FLOW);
  }

  /** Logged in as ann, with her password; the messages of that are forgotten. */
  static Dialogue loggedIn(Privacy privacy) {
    Dialogue d = new Dialogue(privacy);
    d.startup("user\0ann\0database\0shop\0password\0planted\0\0")
        .server('R', "\0\0\0\3")
        .client('p', "planted\0")
        .server('R', "\0\0\0\0")
        .server('Z', "I");
    d.messages.clear();
    return d;
  }

  Dialogue startup(String parameters) {
    byte[] body = bytes(parameters);
    return play(
        Side.CLIENT,
        ByteBuffer.allocate(8 + body.length)
            .putInt(8 + body.length)
            .putInt(3 << 16)
            .put(body)
            .array());
  }

  /** A message of the client's; chars are bytes. */
  Dialogue client(char type, String body) {
    return play(Side.CLIENT, message(type, bytes(body)));
  }

  Dialogue server(char type, String body) {
    return play(Side.SERVER, message(type, bytes(body)));
  }

  Dialogue play(Side side, byte[] bytes) {
    Message message = current[side.ordinal()];
    Input in = new Input().wrap(bytes, 0, bytes.length, 0, false);
    outcome = parser.decode(in, side, session, message);
    if (outcome == Outcome.MESSAGE) {
      messages.add(message);
      current[side.ordinal()] = new Message();
    }
    return this;
  }

  /** Of the last message played. */
  Outcome outcome() {
    return outcome;
  }

  Message last() {
    return messages.get(messages.size() - 1);
  }

  /** Goes on with a session that was stored and read again. */
  byte[] store() {
    try {
      ByteArrayOutputStream stored = new ByteArrayOutputStream();
      session.save(new DataOutputStream(stored));
      session = (PostgresSession) parser.newSession(FLOW);
      session.load(new DataInputStream(new ByteArrayInputStream(stored.toByteArray())));
      return stored.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int weight() {
    return session.weight();
  }

  static byte[] message(char type, byte[] body) {
    return ByteBuffer.allocate(5 + body.length)
        .put((byte) type)
        .putInt(4 + body.length)
        .put(body)
        .array();
  }

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** All of a message that a row could show. */
  static String shown(Message m) {
    return String.join(
        "|",
        m.operation(),
        m.resource(),
        m.statement(),
        m.statusCode(),
        m.errorType(),
        m.attributes().toString());
  }
}
