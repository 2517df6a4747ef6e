package io.kymo.processor.sink;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries what needs somebody else's answer until it works or the sink closes, waiting longer and
 * longer in between. Says what is wrong once, and keeps it for whoever asks.
 */
final class Retry {
  /** One try; an IOException says that another may work. */
  interface Step<T> {
    T run() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(ClickHouseSink.class);
  private static final long SHORTEST_MS = 100;
  private static final long LONGEST_MS = 5_000;

  private volatile boolean closing;
  private volatile String problem = "starting";

  /** Why nothing works now; null when it does. */
  String problem() {
    return problem;
  }

  void works() {
    problem = null;
  }

  void trouble(String text) {
    if (!text.equals(problem)) {
      LOG.warn("{}", text);
    }
    problem = text;
  }

  boolean closing() {
    return closing;
  }

  /** Nothing is tried again. */
  void close() {
    closing = true;
  }

  /** Returns null when the sink closes. */
  <T> T until(String what, Step<T> step) {
    for (long wait = SHORTEST_MS; !closing; wait = longer(wait)) {
      try {
        return step.run();
      } catch (IOException e) {
        trouble(what + ": " + e.getMessage());
        pause(wait);
      }
    }
    return null;
  }

  static long shortest() {
    return SHORTEST_MS;
  }

  static long longer(long wait) {
    return Math.min(LONGEST_MS, wait * 2);
  }

  private static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
