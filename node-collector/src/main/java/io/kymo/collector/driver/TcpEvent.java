package io.kymo.collector.driver;

import java.nio.ByteBuffer;

/**
 * Flyweight over how the network treats a TCP connection (struct kymo_tcp): its figures since it
 * was opened, and why they are told now.
 *
 * <pre>
 *  32 u64 bytes_acked | 40 u64 bytes_received | 48 u64 bytes_sent | 56 u64 bytes_retransmitted | 64 u64 jiffies
 *  72 u32 srtt_us | 76 u32 rtt_variance_us | 80 u32 rtt_min_us | 84 u32 retransmits | 88 u32 lost
 *  92 u32 out_of_order | 96 u32 reordered | 100 u32 segments_out | 104 u32 segments_in | 108 u32 send_window
 * 112 u32 receive_window | 116 u32 congestion_window | 120 u32 receiver_limited | 124 s32 error
 * 128 u32 reason | 132 u8 kind | 133 u8 state
 * </pre>
 */
public final class TcpEvent extends Event {
  public static final int TYPE = 6;
  public static final int BYTES_ACKED_OFFSET = 32;
  public static final int BYTES_RECEIVED_OFFSET = 40;
  public static final int BYTES_SENT_OFFSET = 48;
  public static final int BYTES_RETRANSMITTED_OFFSET = 56;
  public static final int JIFFIES_OFFSET = 64;
  public static final int SRTT_US_OFFSET = 72;
  public static final int RTT_VARIANCE_US_OFFSET = 76;
  public static final int RTT_MIN_US_OFFSET = 80;
  public static final int RETRANSMITS_OFFSET = 84;
  public static final int LOST_OFFSET = 88;
  public static final int OUT_OF_ORDER_OFFSET = 92;
  public static final int REORDERED_OFFSET = 96;
  public static final int SEGMENTS_OUT_OFFSET = 100;
  public static final int SEGMENTS_IN_OFFSET = 104;
  public static final int SEND_WINDOW_OFFSET = 108;
  public static final int RECEIVE_WINDOW_OFFSET = 112;
  public static final int CONGESTION_WINDOW_OFFSET = 116;
  public static final int RECEIVER_LIMITED_OFFSET = 120;
  public static final int ERROR_OFFSET = 124;
  public static final int REASON_OFFSET = 128;
  public static final int KIND_OFFSET = 132;
  public static final int STATE_OFFSET = 133;
  public static final int LENGTH = 136;

  private static final long UNSIGNED = 0xFFFF_FFFFL;
  private static final long MICROS = 1_000_000;

  private final Ticks rates = new Ticks();

  TcpEvent() {}

  @Override
  boolean sound(int available) {
    return holds(LENGTH, available);
  }

  /** A flyweight for copies, see {@link #copyTo}. */
  public static TcpEvent detached() {
    return new TcpEvent();
  }

  /** Copies the event to the beginning of a little-endian buffer of {@link #LENGTH} bytes. */
  public void copyTo(ByteBuffer copy) {
    copy.put(0, buffer, offset, LENGTH);
  }

  /** Bytes that the peer has acknowledged. */
  public long bytesAcked() {
    return buffer.getLong(offset + BYTES_ACKED_OFFSET);
  }

  /** Bytes received without gap. */
  public long bytesReceived() {
    return buffer.getLong(offset + BYTES_RECEIVED_OFFSET);
  }

  /** Bytes sent, with those sent again. */
  public long bytesSent() {
    return buffer.getLong(offset + BYTES_SENT_OFFSET);
  }

  public long bytesRetransmitted() {
    return buffer.getLong(offset + BYTES_RETRANSMITTED_OFFSET);
  }

  /** The kernel's count of ticks. */
  long jiffies() {
    return buffer.getLong(offset + JIFFIES_OFFSET);
  }

  /** Smoothed round trip time, 0 before the first measurement. */
  public long srttMicros() {
    return buffer.getInt(offset + SRTT_US_OFFSET) & UNSIGNED;
  }

  public long rttVarianceMicros() {
    return buffer.getInt(offset + RTT_VARIANCE_US_OFFSET) & UNSIGNED;
  }

  /** 0 when unknown. */
  public long rttMinMicros() {
    return buffer.getInt(offset + RTT_MIN_US_OFFSET) & UNSIGNED;
  }

  /** Segments sent again since the connection was opened, SYN and FIN with them. */
  public long retransmits() {
    return buffer.getInt(offset + RETRANSMITS_OFFSET) & UNSIGNED;
  }

  /** Segments taken for lost. */
  public long lost() {
    return buffer.getInt(offset + LOST_OFFSET) & UNSIGNED;
  }

  /** Segments received out of order. */
  public long outOfOrder() {
    return buffer.getInt(offset + OUT_OF_ORDER_OFFSET) & UNSIGNED;
  }

  /** Times that the network was seen to reorder what was sent. */
  public long reordered() {
    return buffer.getInt(offset + REORDERED_OFFSET) & UNSIGNED;
  }

  public long segmentsOut() {
    return buffer.getInt(offset + SEGMENTS_OUT_OFFSET) & UNSIGNED;
  }

  public long segmentsIn() {
    return buffer.getInt(offset + SEGMENTS_IN_OFFSET) & UNSIGNED;
  }

  /** Bytes that the peer takes. */
  public long sendWindow() {
    return buffer.getInt(offset + SEND_WINDOW_OFFSET) & UNSIGNED;
  }

  /** Bytes that this end takes. */
  public long receiveWindow() {
    return buffer.getInt(offset + RECEIVE_WINDOW_OFFSET) & UNSIGNED;
  }

  /** Segments. */
  public long congestionWindow() {
    return buffer.getInt(offset + CONGESTION_WINDOW_OFFSET) & UNSIGNED;
  }

  /** Ticks in which only the peer's window kept data back. */
  long receiverLimited() {
    return buffer.getInt(offset + RECEIVER_LIMITED_OFFSET) & UNSIGNED;
  }

  /** The same in µs. */
  public long receiverLimitedMicros() {
    long ticks = receiverLimited();
    return ticks == 0 ? 0 : ticks * MICROS / rates.rate(jiffies(), timeNanos());
  }

  /** errno (positive) that the socket has, else 0. */
  public int error() {
    return buffer.getInt(offset + ERROR_OFFSET);
  }

  /** Code of the kernel for why a reset was sent or a packet dropped, 0 when it does not tell. */
  public int reason() {
    return buffer.getInt(offset + REASON_OFFSET);
  }

  /** Wire id of io.kymo.schemas.TcpReportKind. */
  public int kind() {
    return buffer.get(offset + KIND_OFFSET);
  }

  /** The kernel's TCP_ESTABLISHED (1) …. */
  public int state() {
    return buffer.get(offset + STATE_OFFSET);
  }
}
