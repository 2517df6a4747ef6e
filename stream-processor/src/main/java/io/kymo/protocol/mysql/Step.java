package io.kymo.protocol.mysql;

/** What one packet of the server came to. */
enum Step {
  /** More of it is needed. */
  MORE,
  /** It cannot stand here. */
  WRONG,
  /** Taken, the answer goes on. */
  TAKEN,
  /** Taken, and the answer is complete. */
  LAST,
  /** Likewise, and the connection speaks something else from here on. */
  SWITCH,
  /** What it answers has not been seen. */
  ORPHAN
}
