package io.kymo.processor.reassembly;

/**
 * Which lane of a stream is decoded next: the one whose first byte was seen earlier. Times follow
 * cause and effect, so a response is not decoded before its request, nor a request before the
 * response that it reacts to.
 */
final class Turns {
  private final Lane client;
  private final Lane server;

  Turns(Lane client, Lane server) {
    this.client = client;
    this.server = server;
  }

  /** Null when neither can go on. */
  Lane next() {
    boolean c = ready(client, server);
    boolean s = ready(server, client);
    if (c && s) {
      return time(server) < time(client) ? server : client;
    }
    return c ? client : s ? server : null;
  }

  /** Something moved: both may go on. */
  void unblock() {
    client.blocked = false;
    server.blocked = false;
  }

  private static boolean ready(Lane lane, Lane other) {
    return !lane.blocked && hasWork(lane, other) && !overtakes(lane, other);
  }

  private static boolean hasWork(Lane lane, Lane other) {
    return !lane.window.isEmpty()
        || lane.cutOpen && (lane.over() || turned(lane, other))
        || lane.over() && !lane.endHandled;
  }

  /** Bytes of the other side are missing that may have been seen earlier, and may still come. */
  private static boolean overtakes(Lane lane, Lane other) {
    return other.arrival.waits()
        && other.arrival.inOrderTime() < time(lane)
        && !lane.window.overfull();
  }

  /** Did the other side go on, and nothing of this one is missing? */
  private static boolean turned(Lane lane, Lane other) {
    return other.arrival.lastTime() > lane.window.consumedTime() && !lane.arrival.waits();
  }

  /**
   * When that was seen what the next step is about: what is at the front, or what ends where it
   * stands.
   */
  private static long time(Lane lane) {
    Window window = lane.window;
    boolean ends = window.isEmpty() || lane.cutOpen && window.burst();
    return ends ? window.consumedTime() : window.time();
  }
}
