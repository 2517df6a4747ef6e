package io.kymo.processor.battery;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Conversation;
import io.kymo.processor.reassembly.ConversationListener;
import io.kymo.processor.reassembly.GapCause;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.http.HttpParser;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How long exchanges last whose connection ends: an answer that was cut until that end, others
 * until their last byte. The request comes at 0 ms, its answer from 1 ms on.
 */
class CutAnswerTest {
  private static final long MS = 1_000_000;
  private static final String REQUEST = "GET /a HTTP/1.1\r\n\r\n";

  /** Status, duration and time to first byte in ms. */
  private final List<String> told = new ArrayList<>();

  private final Reassembly shared =
      new Reassembly(
          Limits.DEFAULT, Map.<String, Parser>of("http", new HttpParser(Privacy.DEFAULT)));
  private Conversation conversation = conversation();

  private Conversation conversation() {
    return shared.conversation(
        new ConversationListener() {
          @Override
          public void exchange(CompletedExchange e) {
            told.add(e.status().id() + " " + e.durationNs() / MS + " " + e.ttfbNs() / MS);
          }

          @Override
          public void gap(boolean egress, long at, long length, GapCause cause) {}

          @Override
          public void opaque(String reason) {}
        },
        Transport.TCP,
        Role.CLIENT,
        true,
        40_000,
        80,
        true);
  }

  private void request() {
    conversation.opened(0, 0);
    say(true, 0, 0, REQUEST);
  }

  private void say(boolean egress, long ms, int position, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    conversation.segment(egress, ms * MS, position, bytes.length, bytes, 0, bytes.length, true);
  }

  private void close(long ms, int answered, boolean reset) {
    conversation.close(ms * MS, answered, REQUEST.length(), reset);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Content-Length: 1000\\r\\n\\r\\nabc                  | connection_closed 2000 1",
        "Transfer-Encoding: chunked\\r\\n\\r\\n100\\r\\nabc   | connection_closed 2000 1",
        "Connection: close\\r\\n\\r\\nabc                     | ok 1 1",
        "Content-Length: 3\\r\\n\\r\\nabc                     | ok 1 1",
        "Content-Length: 1000\\r\\n                           | connection_closed 0 0",
      })
  void anAnswerLastsUntilTheCloseThatCutIt(String rest, String expected) {
    String answer = "HTTP/1.1 200 OK\r\n" + rest.replace("\\r\\n", "\r\n");
    request();
    say(false, 1, 0, answer);
    close(2_000, answer.length(), false);
    assertThat(told).containsExactly(expected);
  }

  @Test
  void untilTheResetThatCutItThoughTheSocketIsClosedLater() {
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc";
    request();
    say(false, 1, 0, answer);
    close(200, answer.length(), true);
    close(900, answer.length(), false);
    assertThat(told).containsExactly("reset 200 1");
  }

  @Test
  void untilItsEndWasReadThoughTheSocketIsClosedLater() {
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc";
    request();
    say(false, 1, 0, answer);
    conversation.shutdown(false, 300 * MS, answer.length());
    assertThat(told).containsExactly("connection_closed 300 1");
    close(900, answer.length(), false);
    assertThat(told).hasSize(1);
  }

  /** What was sent before the end is told behind it, and the state is stored between the two. */
  @Test
  void theEndIsRememberedUntilAllBytesCame() throws IOException {
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc";
    request();
    close(400, answer.length(), false);
    ByteArrayOutputStream stored = new ByteArrayOutputStream();
    conversation.save(new DataOutputStream(stored));
    conversation.release();
    conversation = conversation();
    conversation.load(new DataInputStream(new ByteArrayInputStream(stored.toByteArray())));
    assertThat(told).isEmpty();
    say(false, 1, 0, answer);
    assertThat(told).containsExactly("connection_closed 400 1");
  }
}
