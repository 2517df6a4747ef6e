package io.kymo.collector.driver.pcap.flow;

/**
 * Takes what happens to flows, in order. Memory is valid only until the method returns. Times are
 * ns since the epoch; positions are TCP sequence numbers (0 … 2^32-1), for UDP bytes before them;
 * -1 where unknown.
 */
public interface FlowListener {
  /** A flow was seen for the first time, or its beginning is known only now. Comes first. */
  void began(Flow flow, long timeNs);

  /**
   * Bytes of a TCP connection, in order of their positions; a step forward is a loss.
   *
   * @param direction {@link Flow#INGRESS} or {@link Flow#EGRESS}
   * @param length on the wire
   * @param captured how many of them stand at {@code offset} of {@code bytes}
   * @param burst the other direction had bytes right before
   */
  void data(
      Flow flow,
      int direction,
      long timeNs,
      long position,
      int length,
      byte[] bytes,
      int offset,
      int captured,
      boolean burst);

  /**
   * Everything before {@code position} has come to the other end of a TCP connection; bytes of it
   * that were not handed on have passed unseen. Without any such bytes: that is where the direction
   * stands.
   */
  void passed(Flow flow, int direction, long timeNs, long position);

  /** A datagram, otherwise as {@link #data}. */
  void datagram(
      Flow flow,
      int direction,
      long timeNs,
      long position,
      int length,
      byte[] bytes,
      int offset,
      int captured,
      boolean burst);

  /** One direction of a TCP connection ended. */
  void shutdown(Flow flow, int direction, long timeNs, long position);

  /**
   * Nothing more will come.
   *
   * @param error errno of a reset or of a connection refused, else 0
   */
  void ended(Flow flow, long timeNs, End end, int error, long ingressEnd, long egressEnd);

  /** How a flow ended. */
  enum End {
    CLOSED,
    RESET,
    REFUSED
  }
}
