package io.kymo.collector.publish;

import java.io.IOException;
import java.time.Duration;

/** Kafka and the schema registry as the publisher needs them. Used by one thread. */
interface Link {
  /**
   * What had to be found out before the first batch can be sent.
   *
   * @param schemaId of SegmentBatch
   * @param partitions of kymo.segments
   */
  record Ready(int schemaId, int partitions) {}

  /**
   * Connects; called again after it failed or after {@link #send} threw.
   *
   * @throws IOException when Kafka or the registry cannot be reached, with one line that says which
   */
  Ready open() throws IOException;

  /**
   * Sends one value.
   *
   * @param delivery told once, on any thread, what became of it, unless false is returned
   * @return false when there is no room now: try again
   * @throws IOException when this link will never send again: open it anew, and send this value
   *     again
   */
  boolean send(int partition, byte[] value, Delivery delivery) throws IOException;

  /** Waits so long for what is on the way, then gives it up. */
  void close(Duration timeout);

  /** What became of a value. */
  interface Delivery {
    /**
     * @param error null when Kafka has it
     */
    void done(Exception error);
  }
}
