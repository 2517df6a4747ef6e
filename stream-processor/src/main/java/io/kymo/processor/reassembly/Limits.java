package io.kymo.processor.reassembly;

import java.util.concurrent.TimeUnit;

/**
 * Bounds of reassembly and pairing. All times are stream time.
 *
 * @param memoryBytes of all conversations of a task; beyond it the longest untouched become opaque
 * @param windowBytes captured bytes of one direction that may wait for the rest of their unit
 * @param heldSegments segments of one direction that may wait for earlier positions
 * @param heldBytes captured bytes of one direction that may wait for earlier positions
 * @param reorderNs how long later bytes wait for earlier ones before those are declared lost
 * @param awaitRequestNs how long a response waits for its request to be reported
 * @param quietNs how long a message cut by the capture waits for more of its bytes
 * @param closeNs how long a closed connection waits for bytes that must still come
 * @param pairingNs how long a request waits for its response
 * @param inFlight requests of one connection that may wait for their responses
 * @param recogniseBytes bytes of both directions after which a protocol must be recognised
 * @param recogniseTries bursts of an already open connection that are looked at before it counts as
 *     unrecognised
 * @param steps decode steps of one call; what is left goes on with the next call
 */
public record Limits(
    long memoryBytes,
    int windowBytes,
    int heldSegments,
    int heldBytes,
    long reorderNs,
    long awaitRequestNs,
    long quietNs,
    long closeNs,
    long pairingNs,
    int inFlight,
    int recogniseBytes,
    int recogniseTries,
    int steps) {
  public static final Limits DEFAULT =
      new Limits(
          256L << 20,
          256 << 10,
          64,
          256 << 10,
          TimeUnit.MILLISECONDS.toNanos(500),
          TimeUnit.SECONDS.toNanos(2),
          TimeUnit.MILLISECONDS.toNanos(500),
          TimeUnit.SECONDS.toNanos(1),
          TimeUnit.SECONDS.toNanos(30),
          4096,
          4096,
          16,
          100_000);
}
