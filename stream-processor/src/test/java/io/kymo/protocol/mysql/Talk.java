package io.kymo.protocol.mysql;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Side;
import io.kymo.schemas.Transport;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Plays packets to the parser, each as a segment of its own, and collects what it says of them. */
final class Talk {
  static final byte[] OK = {0, 0, 0, 2, 0, 0, 0};

  final MysqlParser parser;
  final MysqlSession session;
  final List<Message> messages = new ArrayList<>();
  Outcome outcome;
  private final Message[] current = {new Message(), new Message()};

  Talk(Privacy privacy) {
    parser = new MysqlParser(privacy);
    session = (MysqlSession) parser.newSession(new Flow(Transport.TCP, 40_000, 3306, true));
  }

  Talk client(int sequence, byte[]... parts) {
    return play(Side.CLIENT, packet(sequence, parts));
  }

  Talk server(int sequence, byte[]... parts) {
    return play(Side.SERVER, packet(sequence, parts));
  }

  Talk query(String sql) {
    return client(0, new byte[] {3}, utf8(sql));
  }

  Message last() {
    return messages.get(messages.size() - 1);
  }

  Talk play(Side side, byte[] bytes) {
    Message message = current[side.ordinal()];
    Input in = new Input().wrap(bytes, 0, bytes.length, 0, false);
    outcome = parser.decode(in, side, session, message);
    if (outcome == Outcome.MESSAGE) {
      messages.add(message);
      current[side.ordinal()] = new Message();
    }
    return this;
  }

  static byte[] packet(int sequence, byte[]... parts) {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      payload.writeBytes(part);
    }
    int n = payload.size();
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    packet.writeBytes(new byte[] {(byte) n, (byte) (n >> 8), (byte) (n >> 16), (byte) sequence});
    packet.writeBytes(payload.toByteArray());
    return packet.toByteArray();
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] int4(int value) {
    return new byte[] {
      (byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)
    };
  }

  /** All that a row could show of a message. */
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
