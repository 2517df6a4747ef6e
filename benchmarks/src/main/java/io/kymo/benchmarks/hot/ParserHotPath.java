package io.kymo.benchmarks.hot;

import io.kymo.processor.battery.Segment;
import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Conversation;
import io.kymo.processor.reassembly.ConversationListener;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Privacy;
import io.kymo.protocol.Side;
import io.kymo.schemas.Role;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * From the segments of whole connections to their exchanges: recognition, reassembly, parser,
 * pairing. The baseline adds the same bytes up.
 */
@State(Scope.Thread)
public class ParserHotPath implements ConversationListener {
  @Param({"http", "mysql", "postgresql", "redis", "dns"})
  public String protocol;

  private final Reassembly reassembly = new Reassembly(Limits.DEFAULT, Privacy.DEFAULT);
  private List<Corpora.Dialogue> dialogues;
  private long exchanges;

  @Setup
  public void read() {
    dialogues = Corpora.of(protocol);
  }

  /** Bytes of one operation. */
  public static long bytes(String protocol) {
    return Corpora.of(protocol).stream()
        .flatMap(d -> d.segments().stream())
        .mapToLong(s -> s.payload().length)
        .sum();
  }

  @Benchmark
  public long measured() {
    for (Corpora.Dialogue dialogue : dialogues) {
      Conversation conversation =
          reassembly.conversation(
              this,
              dialogue.corpus().transport(),
              Role.CLIENT,
              true,
              dialogue.corpus().port(Side.CLIENT),
              dialogue.corpus().port(Side.SERVER),
              dialogue.corpus().fromStart());
      long last = 0;
      for (Segment s : dialogue.segments()) {
        last = s.time();
        conversation.segment(
            s.side() == Side.CLIENT,
            s.time(),
            s.position() & 0xffff_ffffL,
            s.length(),
            s.payload(),
            0,
            s.payload().length,
            s.burst());
      }
      conversation.close(last, -1, -1, false);
      conversation.release();
    }
    return exchanges;
  }

  @Override
  public void exchange(CompletedExchange exchange) {
    exchanges++;
  }

  @Benchmark
  public long baseline() {
    long sum = 0;
    for (Corpora.Dialogue dialogue : dialogues) {
      for (Segment s : dialogue.segments()) {
        for (byte b : s.payload()) {
          sum += b;
        }
      }
    }
    return sum;
  }
}
