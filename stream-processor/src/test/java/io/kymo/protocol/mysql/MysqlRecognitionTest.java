package io.kymo.protocol.mysql;

import static io.kymo.protocol.mysql.Talk.OK;
import static io.kymo.protocol.mysql.Talk.packet;
import static io.kymo.protocol.mysql.Talk.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Verdict;
import io.kymo.schemas.Transport;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MysqlRecognitionTest {
  private static final byte[] NOTHING = {};
  private static final Flow START = new Flow(Transport.TCP, 40_000, 3306, true);
  private static final Flow LATER = new Flow(Transport.TCP, 40_000, 3306, false);

  @ParameterizedTest
  @CsvSource({
    "TLS client hello,          16030102000100",
    "HTTP,                      474554202f20485454502f312e310d0a",
    "HTTP/2 preface,            505249202a20485454502f322e300d0a",
    "PostgreSQL start-up,       0000004100030000757365720061",
    "PostgreSQL query,          510000000d53454c4543542031",
    "Redis,                     2a310d0a24340d0a50494e470d0a",
    "MongoDB OP_MSG,            3a00000017000000000000 00dd0700000000",
    "MongoDB id like a command, 3a0000000300000000000000dd0700000000",
    "Kafka ApiVersions,         0000002b001200030000000000",
    "Cassandra OPTIONS,         040000000500000000",
    "AMQP,                      414d515000000901",
    "memcached,                 67657420610d0a",
    "MQTT CONNECT,              101000044d51545404",
    "NATS,                      434f4e4e454354207b",
  })
  void leavesOthersBytesAlone(String whose, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));

    assertThat(judge(bytes, NOTHING, START))
        .as(whose + " from the client")
        .isNotEqualTo(Verdict.YES);
    assertThat(judge(bytes, NOTHING, LATER)).as(whose + ", later").isNotEqualTo(Verdict.YES);
    assertThat(judge(NOTHING, bytes, START))
        .as(whose + " from the server")
        .isNotEqualTo(Verdict.YES);
  }

  @Test
  void aGreetingIsEnoughAndItsBeginningIsNot() {
    byte[] greeting = packet(0, utf8("\n8.0.36\0abcd12345678\0"), new byte[31], utf8("plugin\0"));

    for (int n = 0; n < greeting.length; n++) {
      assertThat(judge(NOTHING, Arrays.copyOf(greeting, n), START))
          .as("%d bytes", n)
          .isEqualTo(Verdict.MAYBE);
    }
    assertThat(judge(NOTHING, greeting, START)).isEqualTo(Verdict.YES);
  }

  @Test
  void laterSqlIsEnough() {
    assertThat(judge(packet(0, utf8("\u0003select 1")), NOTHING, LATER)).isEqualTo(Verdict.YES);
    assertThat(judge(packet(0, utf8("\u0003hello")), NOTHING, LATER)).isEqualTo(Verdict.MAYBE);
  }

  @Test
  void otherCommandsNeedAnAnswer() {
    byte[] ping = packet(0, new byte[] {0x0e});

    assertThat(judge(ping, NOTHING, LATER)).isEqualTo(Verdict.MAYBE);
    assertThat(judge(ping, packet(1, OK), LATER)).isEqualTo(Verdict.YES);
    assertThat(judge(ping, utf8("+PONG\r\n"), START)).isEqualTo(Verdict.NO);
  }

  private static Verdict judge(byte[] client, byte[] server, Flow flow) {
    Input c = new Input().wrap(client, 0, client.length, 0, false);
    Input s = new Input().wrap(server, 0, server.length, 0, false);
    return new MysqlParser(Privacy.DEFAULT).recognise(c, s, flow);
  }
}
