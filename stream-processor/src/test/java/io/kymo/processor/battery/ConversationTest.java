package io.kymo.processor.battery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Conversation;
import io.kymo.processor.reassembly.ConversationListener;
import io.kymo.processor.reassembly.GapCause;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Flow;
import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Outcome;
import io.kymo.protocol.Parser;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Session;
import io.kymo.protocol.Side;
import io.kymo.protocol.Verdict;
import io.kymo.protocol.http.HttpParser;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Bounds, times and ends of a conversation, in the protocol of lines. What bytes alone can show is
 * in the corpora under engine/.
 */
class ConversationTest {
  private static final long MS = 1_000_000;

  private final List<String> told = new ArrayList<>();
  private final List<String> sizes = new ArrayList<>();
  private Reassembly shared;
  private Conversation conversation;
  private final long[] position = new long[2];
  private long time;
  private boolean lastEgress;
  private Conversation last;

  @BeforeEach
  void lines() {
    with(Limits.DEFAULT, new LineParser());
  }

  private void with(Limits limits, Parser parser) {
    shared = new Reassembly(limits, Map.of("line", parser));
    conversation = conversation("");
  }

  private Conversation conversation(String name) {
    return shared.conversation(listener(name), Transport.TCP, Role.CLIENT, true, 40_000, 7, true);
  }

  private ConversationListener listener(String name) {
    return new ConversationListener() {
      @Override
      public void exchange(CompletedExchange e) {
        told.add(
            name + e.resource() + " " + e.status().id() + " " + e.statusCode() + e.errorType());
        sizes.add(e.resource() + " " + e.responseBytes() + (e.truncated() ? " truncated" : ""));
      }

      @Override
      public void gap(boolean egress, long at, long length, GapCause cause) {
        told.add(name + "gap " + length + " " + cause);
      }

      @Override
      public void opaque(String reason) {
        told.add(name + "opaque " + reason);
      }
    };
  }

  private void client(String text) {
    segment(conversation, true, position[0], text);
    position[0] += text.length();
  }

  private void server(String text) {
    segment(conversation, false, position[1], text);
    position[1] += text.length();
  }

  private void segment(Conversation c, boolean egress, long at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    time += MS;
    boolean turned = egress != lastEgress || c != last;
    lastEgress = egress;
    last = c;
    c.segment(egress, time, at & 0xffff_ffffL, bytes.length, bytes, 0, bytes.length, turned);
    balanced(c);
  }

  private static void balanced(Conversation c) {
    var a = c.accounting();
    assertThat(a.decoded() + a.skipped() + a.gaps() + a.truncated() + a.opaque() + a.pending())
        .isEqualTo(a.captured());
  }

  private void lost(int side, int bytes) {
    position[side] += bytes;
  }

  private static Limits limits(int window, int held, int inFlight, int steps, long memory) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        memory,
        window,
        held,
        d.heldBytes(),
        d.reorderNs(),
        d.awaitRequestNs(),
        d.quietNs(),
        d.closeNs(),
        d.pairingNs(),
        inFlight,
        d.recogniseBytes(),
        d.recogniseTries(),
        steps);
  }

  @Test
  void lostBytesAreDeclaredWhenTooMuchWaitsBehindThem() {
    with(limits(1000, 3, 10, 1000, 1 << 20), new LineParser());
    client("GET a\n");
    lost(0, 8);
    for (int i = 0; i < 3; i++) {
      client("GET x" + i + "\n");
      assertThat(told).isEmpty();
    }
    server("+lost\n");
    client("GET b\n"); // the fourth that waits
    server("+b\n");
    conversation.advance(conversation.deadline());
    assertThat(told).containsExactly("gap 8 MISSING", "a unknown capture_gap", "b ok b");
    assertThat(conversation.accounting().gaps()).isEqualTo(8);
  }

  @Test
  void lostBytesAreDeclaredWhenTheyAreLate() {
    client("GET a\n");
    server("+a\n");
    lost(1, 5);
    client("GET b\n");
    server("rest\n");
    conversation.advance(time + 100 * MS);
    assertThat(told).containsExactly("a ok a");
    long deadline = conversation.deadline();
    conversation.advance(deadline - 1);
    assertThat(told).containsExactly("a ok a");
    conversation.advance(deadline);
    assertThat(told).containsExactly("a ok a", "gap 5 MISSING", "b unknown capture_gap");
    client("GET c\n");
    server("+c\n");
    conversation.advance(conversation.deadline());
    assertThat(told).endsWith("c ok c");
  }

  @Test
  void afterALossAPairWaitsUntilItsTurnIsOver() {
    conversation.opened(0, 0);
    client("GET a\n");
    lost(1, 5);
    server("+a\n");
    conversation.advance(time + 501 * MS);
    client("GET b\n");
    server("+b\n");
    assertThat(told).containsExactly("gap 5 MISSING", "a unknown capture_gap");
    client("GET c\n"); // who waits for its answers has got them all
    assertThat(told).endsWith("b ok b");
    server("+c\n");
    assertThat(told).endsWith("c ok c");
  }

  @Test
  void afterALossMoreAnswersThanRequestsShowThatOneIsOfAnEarlierRequest() {
    client("GET a\n");
    lost(0, 6);
    client("GET c\n");
    conversation.advance(time + 501 * MS);
    server("+a\n");
    client("GET d\n");
    server("+b\n+c\n+d\n");
    client("GET e\n");
    server("+e\n");
    assertThat(told)
        .containsExactly(
            "gap 6 MISSING", "a unknown capture_gap", "d unknown ambiguous", "e unknown ambiguous");
  }

  @Test
  void afterALossInAnOverlappingPipelinePairsAreKnownAgainOnlyAfterASilence() {
    client("GET a\nGET b\n");
    server("+a\n");
    client("GET c\n"); // with the answer to b outstanding
    server("+b\n+c\n");
    assertThat(told).containsExactly("a ok a", "b ok b", "c ok c");
    client("GET d\n");
    lost(1, 1);
    server("d\n");
    conversation.advance(time + 501 * MS);
    client("GET e\n");
    server("+e\n");
    assertThat(told).endsWith("d unknown capture_gap", "e unknown ambiguous");
    time += Limits.DEFAULT.pairingNs();
    client("GET f\n");
    server("+f\n");
    assertThat(told).endsWith("e unknown ambiguous", "f ok f");
  }

  @Test
  void lateBytesFillTheirPlace() {
    conversation.opened(0, 0);
    client("GET a\n");
    segment(conversation, false, 3, "2\n");
    segment(conversation, false, 1, "20");
    assertThat(conversation.accounting().pending()).isEqualTo(4);
    segment(conversation, false, 0, "+20");
    assertThat(told).containsExactly("a ok 202");
    assertThat(conversation.accounting().duplicates()).isEqualTo(2);
  }

  @Test
  void whereADirectionBeginsIsKnownFromItsOpening() {
    conversation.opened(0, 0);
    segment(conversation, true, 4, "a\n");
    segment(conversation, true, 0, "GET ");
    segment(conversation, false, 0, "+1\n");
    assertThat(told).containsExactly("a ok 1");
  }

  @Test
  void threeGigabytesThatNobodySawAreAGap() {
    client("GET a\n");
    server("+a\n");
    lost(1, 1 << 30);
    lost(1, 1 << 30);
    lost(1, 1 << 30);
    client("GET b\n");
    server("+b\n");
    conversation.advance(time + 501 * MS);
    client("GET c\n");
    server("+c\n");
    conversation.advance(conversation.deadline());
    assertThat(told)
        .containsExactly("a ok a", "gap 3221225472 MISSING", "b unknown capture_gap", "c ok c");
  }

  @Test
  void aUnitThatOutgrowsTheWindowIsCut() {
    with(limits(50, 64, 10, 1000, 1 << 20), new LineParser());
    client("GET a\n");
    server("+" + "x".repeat(40));
    assertThat(told).isEmpty();
    server("x".repeat(40));
    server("x".repeat(40));
    client("GET b\n");
    server("+b\n");
    assertThat(told).containsExactly("a ok ", "b ok b");
    assertThat(shared.counters().truncatedMessages).isEqualTo(1);
  }

  @Test
  void rubbishMakesAConnectionOpaque() {
    client("GET a\n");
    server("+a\n");
    for (int i = 0; i < 30; i++) {
      client("GET b\n");
      server("?\n");
    }
    assertThat(told).contains("opaque malformed");
    assertThat(conversation.opaqueReason()).isEqualTo("malformed");
    assertThat(conversation.accounting().pending()).isZero();
    assertThat(shared.counters().opaque).isEqualTo(1);
  }

  @Test
  void responsesWithoutRequestsMakeAConnectionOpaque() {
    client("#1 GET a\n");
    for (int i = 2; i < 200; i++) {
      server("#" + i + " +x\n");
    }
    assertThat(told).containsExactly("a unknown opaque", "opaque unpaired");
  }

  @Test
  void whatWasNotTouchedForLongestMakesRoom() {
    with(limits(100_000, 64, 10, 1000, 4500), new LineParser());
    Conversation first = conversation("1:");
    Conversation second = conversation("2:");
    Conversation third = conversation("3:");
    segment(first, true, 0, "GET f\n");
    segment(second, true, 0, "GET g\n");
    segment(third, true, 0, "GET h\n");
    segment(first, false, 0, "$1500 1\n" + "x".repeat(1000));
    assertThat(told).isEmpty();
    segment(third, false, 0, "+" + "y".repeat(150));
    segment(third, true, 6, "GET i\n".repeat(5));
    assertThat(told).startsWith("2:g unknown opaque", "2:opaque memory");
    assertThat(second.opaqueReason()).isEqualTo("memory");
    assertThat(first.opaqueReason()).isEmpty();
    assertThat(shared.memoryUsed()).isLessThanOrEqualTo(4500);
    assertThat(shared.counters().evicted).isEqualTo(1);
    segment(first, false, 1008, "x".repeat(500));
    assertThat(told).contains("1:f ok 1");
  }

  @Test
  void aLateResponseDoesNotGoToTheNextRequest() {
    client("GET a\n");
    conversation.advance(time + Limits.DEFAULT.pairingNs());
    assertThat(told).isEmpty();
    conversation.advance(time + Limits.DEFAULT.pairingNs() + 1);
    assertThat(told).containsExactly("a timeout timeout");
    time += Limits.DEFAULT.pairingNs();
    client("GET b\n");
    server("+late\n+b\n");
    assertThat(told).containsExactly("a timeout timeout", "b ok b");
    assertThat(shared.counters().timeouts).isEqualTo(1);
    assertThat(conversation.deadline()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aResponseBeforeTheRequestsEndIsNotWaitedForWithoutEnd() {
    with(Limits.DEFAULT, new HttpParser(Privacy.DEFAULT));
    client("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nsome");
    server("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    conversation.advance(time + Limits.DEFAULT.awaitRequestNs() * 2);
    assertThat(told).isEmpty();
    conversation.advance(time + Limits.DEFAULT.pairingNs() + 1);
    assertThat(told).containsExactly("/a client_error 413413");
    client("x".repeat(96));
    client("GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
    server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assertThat(told).containsExactly("/a client_error 413413", "/b ok 200");
    assertThat(conversation.deadline()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void requestsInFlightAreBounded() {
    with(limits(1000, 64, 2, 1000, 1 << 20), new LineParser());
    client("#1 GET a\n#2 GET b\n#3 GET c\n");
    assertThat(told).containsExactly("a unknown overflow");
    server("#3 +3\n#2 +2\n");
    assertThat(told).containsExactly("a unknown overflow", "c ok 3", "b ok 2");
  }

  @Test
  void aResponseWaitsForItsRequestButNotForLong() {
    client("GET a\n");
    server("+a\n");
    server("+b\n");
    time -= 2 * MS;
    client("GET b\n"); // sent before its response, reported after it
    assertThat(told).containsExactly("a ok a", "b ok b");
    server("+nobody's\n");
    assertThat(conversation.accounting().pending()).isEqualTo(10);
    conversation.advance(conversation.deadline());
    assertThat(conversation.accounting().pending()).isZero();
    assertThat(conversation.accounting().skipped()).isEqualTo(10);
    assertThat(shared.counters().awaitedInVain).isEqualTo(1);
    client("GET c\n");
    server("+c\n");
    assertThat(told).endsWith("c ok c");
  }

  @Test
  void anEarlyResponseByIdWaitsForItsRequest() {
    client("#1 GET a\n");
    server("#2 +2\n");
    time -= 2 * MS;
    client("#2 GET b\n");
    assertThat(told).containsExactly("b ok 2");
  }

  @Test
  void aCutMessageIsHandedOnWhenNothingMoreComes() {
    client("GET a\n");
    byte[] bytes = "+2".getBytes(StandardCharsets.ISO_8859_1);
    conversation.segment(false, time += MS, 0, 5000, bytes, 0, 2, true);
    assertThat(told).isEmpty();
    conversation.advance(conversation.deadline());
    assertThat(told).containsExactly("a ok ");
  }

  @Test
  void aRestartOfTheCollectorTouchesOnlyWhatWasInFlight() {
    with(Limits.DEFAULT, new HttpParser(Privacy.DEFAULT));
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    client("GET /a HTTP/1.1\r\n\r\n");
    server(answer);
    client("GET /b HTTP/1.1\r\n\r\n");
    lost(0, 1000); // while the collector was down, among them the request that is answered next
    lost(1, 3000);
    server(answer);
    client("GET /d HTTP/1.1\r\n\r\n");
    server(answer);
    client("GET /e HTTP/1.1\r\n\r\n");
    server(answer);
    time += 600 * MS;
    conversation.advance(time);
    client("GET /f HTTP/1.1\r\n\r\n");
    server(answer);
    conversation.close(time, -1, -1, false);
    assertThat(told)
        .containsExactly(
            "/a ok 200",
            "gap 3000 MISSING",
            "gap 1000 MISSING",
            "/b unknown capture_gap",
            "/d ok 200",
            "/e ok 200",
            "/f ok 200");
  }

  @Test
  void aRestartOfTheCollectorBetweenTwoExchanges() {
    with(Limits.DEFAULT, new HttpParser(Privacy.DEFAULT));
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    client("GET /a HTTP/1.1\r\n\r\n");
    server(answer);
    lost(0, 1000); // whole exchanges
    lost(1, 3000);
    client("GET /d HTTP/1.1\r\n\r\n");
    server(answer);
    time += 600 * MS;
    conversation.advance(time);
    client("GET /e HTTP/1.1\r\n\r\n");
    server(answer);
    conversation.close(time, -1, -1, false);
    assertThat(told)
        .containsExactly(
            "/a ok 200", "gap 3000 MISSING", "gap 1000 MISSING", "/d ok 200", "/e ok 200");
  }

  @Test
  void aCutAnswerOfAPipelineDoesNotTakeItsNeighboursBytes() {
    client("GET a\nGET b\nGET c\nGET d\n");
    server("+a\n");
    cutAnswer(10, "+b");
    cutAnswer(20, "");
    cutAnswer(30, "");
    client("GET e\n");
    server("+e\n");
    conversation.close(time, -1, -1, false);
    assertThat(told)
        .containsExactly(
            "a ok a",
            "b ok ",
            "c unknown capture_truncated",
            "d unknown capture_truncated",
            "e ok e");
    assertThat(sizes)
        .containsExactly("a 3", "b 10 truncated", "c 0 truncated", "d 0 truncated", "e 3");
  }

  private void cutAnswer(int length, String captured) {
    byte[] bytes = captured.getBytes(StandardCharsets.ISO_8859_1);
    conversation.segment(
        false, time += MS, position[1], length, bytes, 0, bytes.length, lastEgress);
    lastEgress = false;
    position[1] += length;
    balanced(conversation);
  }

  @Test
  void anAnswerIsReadAfterTheReset() {
    conversation.opened(0, 0);
    client("GET a\n");
    conversation.close(time + MS, 0, 6, true);
    assertThat(conversation.finished()).isFalse();
    server("+a\n");
    assertThat(told).containsExactly("a ok a");
    assertThat(conversation.finished()).isTrue();
  }

  @Test
  void aConnectionMayBeToldOfBeforeItsOpening() {
    conversation =
        shared.conversation(listener(""), Transport.TCP, Role.CLIENT, true, 40_000, 7, false);
    client("GET a\n");
    server("+a\n");
    assertThat(told).isEmpty(); // it may have been open before
    conversation =
        shared.conversation(listener(""), Transport.TCP, Role.CLIENT, true, 40_000, 7, false);
    position[0] = 0;
    position[1] = 0;
    conversation.opened(0, 0);
    client("GET a\n");
    server("+a\n");
    assertThat(told).containsExactly("a ok a");
  }

  @Test
  void whatFollowsLostBytesIsNotMalformed() {
    with(Limits.DEFAULT, new HttpParser(Privacy.DEFAULT));
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    client("GET /a HTTP/1.1\r\n\r\n");
    server(answer);
    position[0] += 10_000; // the head of /b, too, is lost
    for (int i = 0; i < 10; i++) {
      lastEgress = i > 4; // to another life of the collector, what goes on looks like a burst
      client("x".repeat(5_000));
    }
    conversation.advance(time += Limits.DEFAULT.reorderNs() + 1);
    server(answer);
    client("GET /c HTTP/1.1\r\n\r\n");
    server(answer);
    client("GET /d HTTP/1.1\r\n\r\n");
    conversation.close(time, -1, -1, false);
    assertThat(told)
        .containsExactly(
            "/a ok 200",
            "gap 10000 MISSING",
            "/c ok 200",
            "/d connection_closed connection_closed");
    assertThat(shared.counters().malformed).isZero();
  }

  @Test
  void whatLooksLikeRequestsBehindLostBytesIsForgottenWhereTheClientWaitsForItsAnswers() {
    for (int i = 0; i < 20; i++) {
      client("GET a\n");
      server("+a\n");
    }
    position[0] += 100; // in a value, then:
    client("GET x\nGET y\n");
    conversation.advance(time += Limits.DEFAULT.reorderNs() + 1);
    server("+1\n");
    client("GET b\n");
    server("+b\n");
    told.clear();
    for (String name : List.of("c", "d", "e")) {
      client("GET " + name + "\n");
      server("+" + name + "\n");
    }
    conversation.close(time, -1, -1, false);
    assertThat(told).containsExactly("c ok c", "d ok d", "e ok e");
  }

  @Test
  void wrongGuessesBehindLostBytesEnd() {
    client("GET a\n");
    server("+a\n");
    position[0] += 10;
    for (int i = 0; i < 100; i++) {
      client("rubbish\n");
      lastEgress = false;
      conversation.advance(time += Limits.DEFAULT.reorderNs() + 1);
    }
    assertThat(told).contains("a ok a", "opaque malformed");
  }

  @Test
  void anAnswerThatAResetCutHasItsBytes() {
    conversation.opened(0, 0);
    client("GET a\n");
    server("$20 a\nabc");
    conversation.close(time + MS, -1, 6, true);
    assertThat(told).isEmpty();
    server("de");
    conversation.close(time + MS, -1, 6, false);
    assertThat(told).containsExactly("a reset areset");
    assertThat(sizes).containsExactly("a 11");
    assertThat(conversation.finished()).isTrue();
  }

  @Test
  void anAnswerThatIsReadToItsEndAfterTheResetIsWhole() {
    conversation.opened(0, 0);
    client("GET a\n");
    server("$5 a\nabc");
    conversation.close(time + MS, -1, 6, true);
    server("de");
    assertThat(told).containsExactly("a ok a");
  }

  @Test
  void aResetWithinAResponsesHead() {
    with(Limits.DEFAULT, new HttpParser(Privacy.DEFAULT));
    for (String answer :
        List.of(
            "HTTP/1.1 200 OK\r\nServer: x\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\nabc",
            "HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\nabc")) {
      conversation = conversation("");
      position[0] = 0;
      position[1] = 0;
      client("GET /a HTTP/1.1\r\n\r\n");
      server(answer);
      conversation.close(time + MS, -1, -1, true);
      conversation.close(time + MS, -1, -1, false);
      balanced(conversation);
    }
    assertThat(told)
        .containsExactly("/a reset reset", "/a reset 200reset", "/a server_error 503503");
    assertThat(sizes).containsExactly("/a 28", "/a 55", "/a 44");
  }

  @Test
  void noAnswerIsReadAfterTheSocketWasClosed() {
    conversation.opened(0, 0);
    client("GET a\n");
    conversation.close(time + MS, 0, 6, true);
    conversation.close(time + MS, 0, 6, false);
    assertThat(told).containsExactly("a reset reset");
    assertThat(conversation.finished()).isTrue();
  }

  @Test
  void manyMessagesInOneSegmentAreDecodedOverSeveralCalls() {
    with(limits(1000, 64, 100, 3, 1 << 20), new LineParser());
    client("GET a\nGET b\nGET c\nGET d\nGET e\nGET f\nGET g\n");
    assertThat(conversation.accounting().pending()).isEqualTo(24);
    server("+a\n+b\n+c\n+d\n+e\n+f\n+g\n");
    conversation.close(time, -1, -1, false);
    balanced(conversation);
    assertThat(conversation.accounting().pending()).isZero();
    assertThat(told)
        .containsExactly("a ok a", "b ok b", "c ok c", "d ok d", "e ok e", "f ok f", "g ok g");
  }

  @Test
  void aClosedConnectionWaitsForItsLastBytes() {
    conversation.opened(0, 0);
    client("GET a\n");
    conversation.close(time + MS, 3, 6, false);
    assertThat(conversation.finished()).isFalse();
    server("+a\n");
    assertThat(conversation.finished()).isTrue();
    assertThat(told).containsExactly("a ok a");
  }

  @Test
  void aClosedConnectionDoesNotWaitForever() {
    client("GET a\n");
    server("+");
    conversation.close(time + MS, 3, 6, false);
    conversation.advance(conversation.deadline() - 1);
    assertThat(conversation.finished()).isFalse();
    conversation.advance(conversation.deadline());
    assertThat(conversation.finished()).isTrue();
    balanced(conversation);
    assertThat(told).containsExactly("gap 2 AT_END", "a unknown capture_gap");
  }

  @Test
  void aClosedDirectionEndsWhatLastsUntilThen() {
    client("GET a\n");
    server("~200\nbody");
    conversation.shutdown(false, time + MS, 9);
    assertThat(told).containsExactly("a ok 200");
  }

  @Test
  void whatNobodyClaimsIsOpaque() {
    client("HELO x\r\n");
    assertThat(told).isEmpty();
    server("250 hello\r\n");
    assertThat(told).containsExactly("opaque unrecognised");
    client("more");
    assertThat(conversation.accounting().opaque()).isEqualTo(23);
  }

  @Test
  void whatIsLostBehindTheEndOfParsingIsAGap() throws IOException {
    unrecognised();
    lost(1, 1000);
    server("abc");
    client("def");
    balanced(conversation);
    assertThat(conversation.accounting().gaps()).isZero();
    conversation = reloaded(conversation);
    conversation.advance(conversation.deadline());
    assertThat(conversation.accounting().gaps()).isEqualTo(1000);
    client("g");
    position[0] += 10;
    conversation.close(time, position[1], position[0], false);
    assertThat(conversation.finished()).isFalse();
    conversation.advance(conversation.deadline());
    balanced(conversation);
    assertThat(conversation.finished()).isTrue();
    assertThat(conversation.accounting())
        .hasToString(
            "captured=1036 decoded=0 skipped=0 gaps=1010 truncated=0 opaque=26 duplicates=0 pending=0");
    assertThat(conversation.accounting().captured()).isEqualTo(position[0] + position[1]);
  }

  @Test
  void opaqueBytesMayComeLateAndTwice() {
    unrecognised();
    long from = position[1];
    segment(conversation, false, from + 5, "56789");
    segment(conversation, false, from + 3, "345");
    segment(conversation, false, from, "0123");
    segment(conversation, false, from + 2, "2345678");
    conversation.close(time, from + 10, position[0], false);
    assertThat(conversation.finished()).isTrue();
    balanced(conversation);
    assertThat(conversation.accounting().gaps()).isZero();
    assertThat(conversation.accounting().opaque()).isEqualTo(19 + 10);
    assertThat(conversation.accounting().duplicates()).isEqualTo(2 + 7);
  }

  @Test
  void opaquePositionsMayBeginAnew() {
    unrecognised();
    lost(1, 7);
    server("abc");
    conversation.positionsBeginAnew();
    segment(conversation, false, 0, "def");
    conversation.close(time, 3, -1, false);
    balanced(conversation);
    assertThat(conversation.accounting().gaps()).isEqualTo(7);
    assertThat(conversation.accounting().opaque()).isEqualTo(19 + 6);
  }

  private Conversation reloaded(Conversation saved) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    saved.save(new DataOutputStream(out));
    saved.release();
    Conversation loaded = conversation("");
    loaded.load(new DataInputStream(new ByteArrayInputStream(out.toByteArray())));
    return loaded;
  }

  private void unrecognised() {
    conversation.opened(0, 0);
    client("HELO x\r\n");
    server("250 hello\r\n");
    assertThat(told).containsExactly("opaque unrecognised");
  }

  @Test
  void aParserThatThrowsStopsOnlyItsOwnConnection() {
    with(Limits.DEFAULT, faulty(true));
    client("GET a\n");
    assertThat(told).containsExactly("opaque parser_fault");
    assertThat(shared.counters().parserFaults).isEqualTo(1);
    balanced(conversation);
  }

  @Test
  void aParserThatConsumesNothingDoesNotStopTheLoop() {
    with(Limits.DEFAULT, faulty(false));
    client("GET a\n");
    assertThat(shared.counters().parserFaults).isPositive();
    balanced(conversation);
  }

  private static Parser faulty(boolean throwing) {
    LineParser lines = new LineParser();
    return new Parser() {
      @Override
      public Verdict recognise(Input client, Input server, Flow flow) {
        return Verdict.YES;
      }

      @Override
      public Session newSession(Flow flow) {
        return lines.newSession(flow);
      }

      @Override
      public Outcome decode(Input in, Side side, Session session, Message message) {
        if (throwing) {
          throw new IllegalStateException("a bug");
        }
        return Outcome.SKIPPED; // without a word on how much
      }

      @Override
      public boolean truncated(Input in, Side side, Session session, Message message) {
        return false;
      }

      @Override
      public void lost(Side side, Session session) {}

      @Override
      public int resync(Input in, int from, Side side, Session session) {
        return 0;
      }
    };
  }

  @Test
  void segmentsOfABodyAllocateNothing() {
    client("GET a\n");
    server("$999999 1\n");
    byte[] body = new byte[100];
    passOver(body, 1000); // whatever is made once is made
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    passOver(body, 8000);
    long perSegment = (threads.getCurrentThreadAllocatedBytes() - before) / 8000;
    assertThat(perSegment).isZero();
    assertThat(conversation.accounting().decoded()).isEqualTo(6 + 10 + 900_000);
  }

  private void passOver(byte[] body, int segments) {
    for (int i = 0; i < segments; i++) {
      conversation.segment(false, ++time, position[1], body.length, body, 0, body.length, false);
      position[1] += body.length;
    }
  }

  @Test
  void stateOfAnotherVersionIsRefused() {
    DataInputStream other = new DataInputStream(new ByteArrayInputStream(new byte[] {99, 0, 0}));
    assertThatThrownBy(() -> conversation.load(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("99");
  }
}
