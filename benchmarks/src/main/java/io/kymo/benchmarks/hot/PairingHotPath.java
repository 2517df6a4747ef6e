package io.kymo.benchmarks.hot;

import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.pairing.ExchangeListener;
import io.kymo.processor.pairing.Pairing;
import io.kymo.processor.pairing.Part;
import io.kymo.processor.pairing.PartPool;
import io.kymo.protocol.Message;
import io.kymo.protocol.Side;
import java.util.ArrayDeque;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Requests, 16 in flight, and their responses: in order, or by correlation id with the last first.
 * The baseline passes the same parts through a queue.
 */
@State(Scope.Thread)
public class PairingHotPath implements ExchangeListener {
  /** Pairs of one operation. */
  public static final int PAIRS = 1_024;

  private static final int IN_FLIGHT = 16;

  @Param({"in_order", "by_id"})
  public String correlation;

  private final PartPool pool = new PartPool();
  private final Pairing pairing = new Pairing(this, pool, 4_096, true);
  private final ArrayDeque<Part> queue = new ArrayDeque<>();
  private long time;
  private long exchanges;

  @Benchmark
  public long measured() {
    boolean byId = correlation.equals("by_id");
    for (int n = 0; n < PAIRS; n += IN_FLIGHT) {
      for (int i = 0; i < IN_FLIGHT; i++) {
        pairing.request(part(Side.CLIENT, Message.Kind.REQUEST, byId ? i : Message.IN_ORDER));
      }
      for (int i = IN_FLIGHT - 1; i >= 0; i--) {
        pairing.response(part(Side.SERVER, Message.Kind.RESPONSE, byId ? i : Message.IN_ORDER));
      }
    }
    return exchanges;
  }

  @Benchmark
  public long baseline() {
    for (int n = 0; n < PAIRS; n += IN_FLIGHT) {
      for (int i = 0; i < IN_FLIGHT; i++) {
        queue.addLast(part(Side.CLIENT, Message.Kind.REQUEST, i));
      }
      for (int i = 0; i < IN_FLIGHT; i++) {
        pool.give(part(Side.SERVER, Message.Kind.RESPONSE, i));
        pool.give(queue.pollFirst());
      }
    }
    return time;
  }

  private Part part(Side side, Message.Kind kind, long id) {
    Part part = pool.take();
    part.message().begin(kind);
    part.message().correlation(id);
    part.start(side, time, ++time, 0);
    part.extend(1, time);
    return part;
  }

  @Override
  public void exchange(CompletedExchange exchange) {
    exchanges += exchange.ending().ordinal() + 1;
  }
}
