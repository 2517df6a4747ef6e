package io.kymo.benchmarks.hot;

import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Conversation;
import io.kymo.processor.reassembly.ConversationListener;
import io.kymo.processor.reassembly.Limits;
import io.kymo.processor.reassembly.Reassembly;
import io.kymo.protocol.Privacy;
import io.kymo.schemas.Role;
import io.kymo.schemas.Transport;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Segments of a body without end through the reassembly window, in order or each pair swapped. The
 * baseline copies the same bytes once.
 */
@State(Scope.Thread)
public class WindowHotPath implements ConversationListener {
  /** Segments of one operation. */
  public static final int SEGMENTS = 1_000;

  /** Bytes of each. */
  public static final int LENGTH = 1_400;

  @Param({"in_order", "swapped"})
  public String order;

  private final Reassembly reassembly = new Reassembly(Limits.DEFAULT, Privacy.DEFAULT);
  private final byte[] payload = new byte[LENGTH];
  private final byte[] target = new byte[64 * LENGTH];
  private Conversation conversation;
  private long position;
  private long time;
  private int swap;

  @Setup
  public void begin() {
    swap = order.equals("swapped") ? 1 : 0;
    conversation =
        reassembly.conversation(this, Transport.TCP, Role.CLIENT, true, 40_000, 80, true);
    conversation.opened(0, 0);
    send(true, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    send(false, "HTTP/1.1 200 OK\r\nContent-Length: 900000000000000000\r\n\r\n");
  }

  private void send(boolean egress, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    conversation.segment(egress, ++time, 0, bytes.length, bytes, 0, bytes.length, true);
    position = egress ? 0 : bytes.length;
  }

  @Benchmark
  public long measured() {
    for (int i = 0; i < SEGMENTS; i++) {
      long at = position + (long) (i ^ swap) * LENGTH & 0xffff_ffffL;
      conversation.segment(false, ++time, at, LENGTH, payload, 0, LENGTH, false);
    }
    position += (long) SEGMENTS * LENGTH;
    return conversation.accounting().decoded();
  }

  @Benchmark
  public byte[] baseline() {
    for (int i = 0; i < SEGMENTS; i++) {
      System.arraycopy(payload, 0, target, (i & 63) * LENGTH, LENGTH);
    }
    return target;
  }

  @Override
  public void exchange(CompletedExchange exchange) {
    throw new IllegalStateException("the body has no end");
  }
}
