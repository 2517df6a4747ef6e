package io.kymo.processor.reassembly;

/** What all conversations of a task did, since its start. */
public final class Counters {
  /** Segments taken in. */
  public long segments;

  /** Messages decoded. */
  public long messages;

  /** Times that bytes broke the rules of their protocol. */
  public long malformed;

  /** Gaps declared. */
  public long gaps;

  /** Messages completed without their uncaptured rest. */
  public long truncatedMessages;

  /** Responses whose request never came, given up. */
  public long awaitedInVain;

  /** Responses that paired with no request. */
  public long unpaired;

  /** Requests that timed out. */
  public long timeouts;

  /** Connections whose parsing stopped. */
  public long opaque;

  /** Of those: to stay within the memory bound. */
  public long evicted;

  /** Bugs of parsers: exceptions, and outcomes that break the contract. */
  public long parserFaults;
}
