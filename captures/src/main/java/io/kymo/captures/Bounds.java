package io.kymo.captures;

import io.kymo.processor.reassembly.Limits;

/**
 * What a decoder may keep, so that all together stay within the heap whatever the files hold.
 *
 * @param flows connections that are open, or ended a short while ago
 * @param heldBytes of segments that came before earlier ones
 * @param limits of their conversations
 */
record Bounds(int flows, long heldBytes, Limits limits) {
  /** Measured: HTTP with one request in flight takes 4.7 kB, of which the flow 0.5 kB. */
  private static final int FLOW_BYTES = 5 << 10;

  private static final int FEWEST_FLOWS = 256;

  /**
   * Three eighths of the heap for flows, a quarter for what their conversations wait with, an
   * eighth for segments; the rest is for batches and garbage.
   *
   * @param heapBytes at most
   * @param decoders that share it
   */
  static Bounds of(long heapBytes, int decoders) {
    long flows = heapBytes / decoders / 8 * 3 / FLOW_BYTES;
    return new Bounds(
        (int) Math.max(FEWEST_FLOWS, Math.min(flows, Integer.MAX_VALUE)),
        heapBytes / decoders / 8,
        withMemory(Limits.DEFAULT, heapBytes / decoders / 4));
  }

  private static Limits withMemory(Limits l, long memoryBytes) {
    return new Limits(
        memoryBytes,
        l.windowBytes(),
        l.heldSegments(),
        l.heldBytes(),
        l.reorderNs(),
        l.awaitRequestNs(),
        l.quietNs(),
        l.closeNs(),
        l.pairingNs(),
        l.inFlight(),
        l.recogniseBytes(),
        l.recogniseTries(),
        l.steps());
  }
}
