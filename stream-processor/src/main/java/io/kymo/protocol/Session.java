package io.kymo.protocol;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What a parser must remember between two calls on one connection (both directions share it):
 * prepared statements, methods of requests in flight, the rest of a body. Parsers themselves hold
 * no state. The driver keeps the session and stores it in Kafka with the connection, so it must be
 * small, bounded, and survive {@link #save} then {@link #load} unchanged.
 */
public interface Session {
  void save(DataOutput out) throws IOException;

  /** Called on a fresh session of the same parser. */
  void load(DataInput in) throws IOException;

  /** Bytes of heap, roughly; used to bound memory. */
  int weight();
}
