package io.kymo.protocol;

/** What a parser thinks of the first bytes of a conversation. */
public enum Verdict {
  /** It is this protocol: at least one whole, self-consistent unit was seen. */
  YES,
  /** Nothing speaks against it, but more bytes are needed. */
  MAYBE,
  NO
}
