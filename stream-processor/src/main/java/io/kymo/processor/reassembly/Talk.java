package io.kymo.processor.reassembly;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How the bytes of a conversation become messages: as two streams, or datagram by datagram. What
 * returns a String tells why parsing must stop for good, or null to go on.
 */
interface Talk {
  /**
   * Bytes of one call; see {@link Conversation#segment}.
   *
   * @param captured at most {@code length}
   */
  String segment(
      Lane lane,
      long timeNs,
      long position,
      int length,
      byte[] payload,
      int offset,
      int captured,
      boolean burst);

  /** Bytes of a conversation whose parsing has stopped: nothing is done but to count them. */
  void count(Lane lane, long timeNs, long position, int length);

  /** Everything before {@code position} has passed; see {@link Conversation#passed}. */
  String passed(Lane lane, long timeNs, long position);

  /** Decodes what can be decoded. */
  String decode();

  /**
   * Stream time has come to {@code now}.
   *
   * @return whether anything ended that waited, so that decoding may go on
   */
  boolean advance(long now);

  /** When {@link #advance} has something to do; Long.MAX_VALUE when nothing waits. */
  long deadline();

  /** Positions begin anew; see {@link Conversation#positionsBeginAnew}. */
  String positionsBeginAnew();

  /**
   * The connection ended, nothing more comes.
   *
   * @param lastTime when its last segment or event happened
   */
  String finish(long lastTime);

  /**
   * Gives up what waits: parsing has stopped for good. From now on only positions are of account.
   */
  void abandon();

  /** True lengths of the bytes that wait. */
  long waiting();

  /** Heap that they take. */
  long weight();

  void save(DataOutput out) throws IOException;

  /** Into a fresh instance, when lanes and speech are loaded. */
  void load(DataInput in) throws IOException;

  /** The time at which what waits since {@code time} has waited longer than {@code wait}. */
  static long after(long time, long wait) {
    return time == Long.MAX_VALUE ? time : time + wait + 1;
  }
}
