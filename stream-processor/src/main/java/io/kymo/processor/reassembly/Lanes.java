package io.kymo.processor.reassembly;

import io.kymo.processor.pairing.PartPool;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** The two directions of a conversation. */
final class Lanes {
  final Lane ingress;
  final Lane egress;
  private final List<Lane> both;

  Lanes(Limits limits, BufferPool buffers, PartPool parts, Accounting accounting) {
    ingress = new Lane(false, limits, buffers, accounting, parts.take());
    egress = new Lane(true, limits, buffers, accounting, parts.take());
    both = List.of(ingress, egress);
  }

  Lane of(boolean isEgress) {
    return isEgress ? egress : ingress;
  }

  Lane other(Lane lane) {
    return of(!lane.egress);
  }

  List<Lane> both() {
    return both;
  }

  /** Did all bytes come, in both directions, that will ever come? */
  boolean complete() {
    return ingress.complete() && egress.complete();
  }

  /** Forgets what belongs to the protocol spoken so far. */
  void reset() {
    ingress.reset();
    egress.reset();
  }

  /** Gives up all bytes that wait, as opaque; those that come are only counted. */
  void abandon() {
    ingress.abandon();
    egress.abandon();
  }

  /** True lengths of all bytes that wait. */
  long waiting() {
    return ingress.waiting() + egress.waiting();
  }

  /** Heap that they take. */
  long weight() {
    return ingress.weight() + egress.weight();
  }

  void save(DataOutput out) throws IOException {
    ingress.save(out);
    egress.save(out);
  }

  /** Into a fresh instance. */
  void load(DataInput in) throws IOException {
    ingress.load(in);
    egress.load(in);
  }
}
