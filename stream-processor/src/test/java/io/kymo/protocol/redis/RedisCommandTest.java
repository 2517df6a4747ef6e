package io.kymo.protocol.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Side;
import io.kymo.schemas.Transport;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which arguments are keys, and what stays of the others. */
class RedisCommandTest {
  private static final Flow FLOW = new Flow(Transport.TCP, 40000, 6379, true);

  private static Message request(Privacy privacy, String words) {
    StringBuilder array = new StringBuilder();
    String[] arguments = words.split(" ", -1);
    array.append('*').append(arguments.length).append("\r\n");
    for (String argument : arguments) {
      array.append('$').append(argument.length()).append("\r\n").append(argument).append("\r\n");
    }
    byte[] bytes = array.toString().getBytes(StandardCharsets.US_ASCII);
    RedisParser parser = new RedisParser(privacy);
    Message message = new Message();
    Input in = new Input().wrap(bytes, 0, bytes.length, 0, false);
    assertThat(parser.decode(in, Side.CLIENT, parser.newSession(FLOW), message))
        .isEqualTo(Outcome.MESSAGE);
    assertThat(in.consumed()).isEqualTo(bytes.length);
    return message;
  }

  @ParameterizedTest
  @CsvSource({
    "get user:1,GET user:1,user:{id}",
    "SET k v NX PX 100,SET k ? ? ? ?,k",
    "MGET a:1 a:2,MGET a:1 a:2,a:{id}",
    "MSET a 1 b 2,MSET a ? b ?,a",
    "DEL a b,DEL a b,a",
    "RENAME a b,RENAME a b,a",
    "BLPOP a b 0,BLPOP a b ?,a",
    "BITOP AND d a b,BITOP ? d a b,d",
    "OBJECT ENCODING k,OBJECT ENCODING k,k",
    "XGROUP CREATE s g $,XGROUP CREATE s ? ?,s",
    "XREADGROUP GROUP g c COUNT 2 STREAMS s t > >,XREADGROUP ? ? ? ? ? ? s t ? ?,s",
    "EVALSHA abc 1 k v,EVALSHA ? ? k ?,k",
    "EVAL x 0 v,EVAL ? ? ?,",
    "EVAL x 99 k v,EVAL ? ? k v,k",
    "EVAL x -1 k,EVAL ? ? ?,",
    "EVAL x y k,EVAL ? ? ?,",
    "ZUNIONSTORE d 2 a b WEIGHTS 1 2,ZUNIONSTORE d ? a b ? ? ?,d",
    "ZINTER 2 a b,ZINTER ? a b,a",
    "LMPOP 2 a b LEFT,LMPOP ? a b ?,a",
    "MEMORY USAGE k,MEMORY USAGE k,k",
    "CLIENT NONSENSE x,CLIENT ? ?,",
    "CONFIG GET requirepass,CONFIG GET ?,",
    "PUBLISH news:42 text,PUBLISH news:42 ?,news:{id}",
    "JSON.SET doc:1 $ v,JSON.SET doc:1 ? ?,doc:{id}",
    "FT.SEARCH idx text,FT.SEARCH idx ?,idx",
    "TS.MRANGE - + FILTER,TS.MRANGE ? ? ?,",
    "b840fc02d524 get x,_OTHER ? ?,",
    "KEYS user:*,KEYS user:*,user:*",
    "GET session:9f86d081884c7d659a2f,GET session:9f86d081884c7d659a2f,session:{id}",
  })
  void keysStayAndValuesGo(String words, String statement, String resource) {
    Message message = request(Privacy.DEFAULT, words);
    assertThat(message.statement()).isEqualTo(statement);
    assertThat(message.resource()).isEqualTo(resource == null ? "" : resource);
  }

  @Test
  void manyArgumentsAreNotAllShown() {
    Message message = request(Privacy.DEFAULT, "DEL" + " k".repeat(1000));
    assertThat(message.statement()).isEqualTo("DEL" + " k".repeat(16) + " …");
  }

  @ParameterizedTest
  @CsvSource({
    "SET k value,SET k value",
    "AUTH s3cr3t,AUTH ?",
    "HELLO 3 AUTH u s3cr3t,HELLO ? ? ? ?",
    "CONFIG SET requirepass s3cr3t,CONFIG SET ? ?",
    "ACL SETUSER u >s3cr3t,ACL SETUSER ? ?",
    "MIGRATE h 1 k 0 9 AUTH s3cr3t,MIGRATE ? ? k ? ? ? ?",
    "SENTINEL SET m auth-pass s3cr3t,SENTINEL SET ? ? ?",
    "REPLCONF a b,REPLCONF ? ?",
  })
  void credentialsGoEvenWhenValuesMayStay(String words, String statement) {
    Privacy open = new Privacy(true, false, true);
    assertThat(request(open, words).statement()).isEqualTo(statement);
  }

  @Test
  void theTableIsWhole() {
    List<CommandSpec> specs = CommandTable.read();
    Set<String> names = new HashSet<>();
    for (CommandSpec spec : specs) {
      assertThat(names.add(spec.name())).as("%s stands once", spec.name()).isTrue();
      assertThat(Commands.byName(spec.name())).isEqualTo(spec);
    }
    assertThat(names).hasSizeGreaterThan(240);
  }
}
