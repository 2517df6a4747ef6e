package io.kymo.protocol.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Side;
import io.kymo.schemas.Transport;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Packets with true headers around anything: never an exception, never an outcome that consumes
 * nothing where it must.
 */
class MysqlRandomBytesProperties {
  private final MysqlParser parser = new MysqlParser(Privacy.DEFAULT);

  @Property(tries = 2000)
  void anythingIsDecodedToAnEnd(@ForAll("packets") byte[][] packets, @ForAll boolean known) {
    MysqlSession session = (MysqlSession) parser.newSession(new Flow(Transport.TCP, 0, 0, true));
    session.greetingSeen = known;
    Message[] messages = {new Message(), new Message()};
    for (int i = 0; i < packets.length; i++) {
      Side side = i % 2 == 0 ? Side.CLIENT : Side.SERVER;
      byte[] bytes = packets[i];
      int at = 0;
      while (at < bytes.length) {
        Message message = messages[side.ordinal()];
        Input in = new Input().wrap(bytes, at, bytes.length - at, i % 3 == 0 ? 7 : 0, false);
        Outcome outcome = parser.decode(in, side, session, message);
        if (outcome == Outcome.INCOMPLETE || outcome == Outcome.MALFORMED) {
          assertThat(in.consumed()).isZero();
          parser.truncated(in, side, session, message);
          parser.lost(side, session);
          message.clear();
          int next = parser.resync(in, 1, side, session);
          assertThat(next).isBetween(-1, bytes.length - at - 1).isNotZero();
          at = next < 0 ? bytes.length : at + next;
        } else {
          assertThat(in.consumed()).isPositive();
          if (outcome != Outcome.SKIPPED) {
            message.clear();
          }
          at += (int) Math.min(in.consumed(), bytes.length - at);
        }
      }
      assertThat(session.weight()).isLessThan(1 << 20);
    }
  }

  @Provide
  Arbitrary<byte[][]> packets() {
    Arbitrary<Integer> sequence =
        Arbitraries.frequencyOf(
            Tuple.of(6, Arbitraries.of(0, 1)), Tuple.of(2, Arbitraries.integers().between(0, 255)));
    Arbitrary<Byte> first =
        Arbitraries.frequencyOf(
            Tuple.of(4, Arbitraries.bytes().between((byte) 0, (byte) 0x20)),
            Tuple.of(2, Arbitraries.of((byte) 0xfa, (byte) 0xfb, (byte) 0xfe, (byte) 0xff)));
    Arbitrary<byte[]> body = Arbitraries.bytes().array(byte[].class).ofMaxSize(60);
    Arbitrary<byte[]> packet =
        Combinators.combine(sequence, first, body)
            .as((s, f, b) -> Talk.packet(s, new byte[] {f}, b));
    return packet.array(byte[][].class).ofMinSize(1).ofMaxSize(12);
  }
}
