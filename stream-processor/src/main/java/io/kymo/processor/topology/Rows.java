package io.kymo.processor.topology;

import io.kymo.processor.enrichment.ExchangeRows;
import io.kymo.processor.pairing.CompletedExchange;
import io.kymo.processor.reassembly.Accounting;
import io.kymo.processor.reassembly.Conversation;
import io.kymo.schemas.ConnectionRecord;
import io.kymo.schemas.DeadLetter;
import io.kymo.schemas.Exchange;
import io.kymo.schemas.Plaintext;
import io.kymo.schemas.Role;
import io.kymo.schemas.TcpEvent;
import java.nio.ByteBuffer;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** Makes rows of what connections say. */
final class Rows {
  // Less than a record may have, see TopicSetup.
  private static final int LARGEST_LETTER = 4 << 20;
  private static final int LONGEST_DETAIL = 1_000;

  private Rows() {}

  /** Everything but the fields that begin with client and server, which are the enricher's. */
  static Exchange exchange(Connection c, CompletedExchange e) {
    Exchange row =
        ExchangeRows.of(
            e,
            c.conversation.spoken(),
            c.transport,
            Plaintext.socket(c.key.connection()),
            c.clientEndpoint(),
            c.localIsClient());
    row.setTls(c.plaintext());
    return row;
  }

  static ConnectionRecord connection(Connection c, long time) {
    Conversation conversation = c.conversation;
    Accounting bytes = conversation.accounting();
    ConnectionRecord row = new ConnectionRecord();
    row.setTime(time);
    row.setNode(c.key.node());
    row.setConnectionId(Plaintext.socket(c.key.connection()));
    row.setTls(c.plaintext());
    row.setTransport(c.transport.networkTransport());
    row.setRole(role(conversation.role()));
    row.setState(c.state.id);
    row.setProtocol(conversation.protocol());
    row.setOpaqueReason(conversation.opaqueReason());
    boolean client = c.localIsClient();
    String path = c.end().path(); // a Unix socket's path names its server
    row.setLocalAddress(path.isEmpty() || client ? c.end().localAddress() : path);
    row.setLocalPort(c.end().localPort());
    row.setRemoteAddress(path.isEmpty() || !client ? c.end().remoteAddress() : path);
    row.setRemotePort(c.end().remotePort());
    row.setPid(c.end().pid());
    row.setProcess(c.end().process());
    row.setContainerId(c.end().container());
    row.setOpened(c.opened);
    row.setIngressBytes(conversation.received(false));
    row.setEgressBytes(conversation.received(true));
    row.setDecodedBytes(bytes.decoded());
    row.setSkippedBytes(bytes.skipped());
    row.setGapBytes(bytes.gaps());
    row.setTruncatedBytes(bytes.truncated());
    row.setOpaqueBytes(bytes.opaque());
    row.setDuplicateBytes(bytes.duplicates());
    row.setPendingBytes(bytes.pending());
    row.setExchanges(conversation.exchanges());
    row.setError(c.error);
    tcp(c, row);
    return row;
  }

  private static void tcp(Connection c, ConnectionRecord row) {
    TcpFigures tcp = c.tcp;
    long until = tcp.closed() == 0 ? row.getTime() : tcp.closed();
    row.setErrorType(c.errorType);
    row.setDurationNs(c.opened == 0 ? 0 : Math.max(0, until - c.opened));
    row.setConnectNs(tcp.connectNs());
    row.setTcpState(TcpNames.state(tcp.state()));
    row.setRttNs(tcp.rttNs());
    row.setRttVarianceNs(tcp.rttVarianceNs());
    row.setRttMinNs(tcp.rttMinNs());
    row.setRetransmits(tcp.retransmits());
    row.setBytesRetransmitted(tcp.bytesRetransmitted());
    row.setBytesAcked(tcp.bytesAcked());
    row.setBytesReceived(tcp.bytesReceived());
    row.setSegmentsSent(tcp.segmentsSent());
    row.setSegmentsReceived(tcp.segmentsReceived());
    row.setSegmentsLost(tcp.lost());
    row.setSegmentsOutOfOrder(tcp.outOfOrder());
    row.setReorderings(tcp.reorderings());
    row.setDrops(tcp.drops());
    row.setResetsSent(tcp.resetsSent());
    row.setResetsReceived(tcp.resetsReceived());
    row.setZeroWindowsReceived(tcp.zeroWindowsReceived());
    row.setZeroWindowsSent(tcp.zeroWindowsSent());
    row.setReceiverLimitedNs(tcp.receiverLimitedNs());
    row.setCongestionWindow(tcp.congestionWindow());
  }

  /**
   * @param segments how many it was about, 0 when it was not about segments
   * @param tcpState the kernel's number, 0 when not told
   */
  static TcpEvent tcpEvent(
      Connection c,
      String event,
      String reason,
      long segments,
      int tcpState,
      int error,
      long time) {
    return TcpEvent.newBuilder()
        .setTime(time)
        .setNode(c.key.node())
        .setConnectionId(c.key.connection())
        .setEvent(event)
        .setReason(reason)
        .setSegments(segments)
        .setRole(role(c.conversation.role()))
        .setLocalAddress(c.end().localAddress())
        .setLocalPort(c.end().localPort())
        .setRemoteAddress(c.end().remoteAddress())
        .setRemotePort(c.end().remotePort())
        .setPid(c.end().pid())
        .setProcess(c.end().process())
        .setContainerId(c.end().container())
        .setTcpState(TcpNames.state(tcpState))
        .setError(error)
        .setRttNs(c.tcp.rttNs())
        .setRetransmits(c.tcp.retransmits())
        .build();
  }

  private static String role(Role role) {
    return switch (role) {
      case CLIENT -> "client";
      case SERVER -> "server";
      case UNKNOWN -> "unknown";
    };
  }

  /**
   * @param timeNs of the record, so that the letter is the same when it is written again
   */
  static DeadLetter deadLetter(
      RecordMetadata from, long timeNs, String reason, String detail, byte[] value) {
    byte[] bytes = value == null ? new byte[0] : value;
    String cut = bytes.length > LARGEST_LETTER ? "cut from " + bytes.length + " bytes; " : "";
    String text = cut + detail;
    DeadLetter letter = new DeadLetter();
    letter.setTime(timeNs);
    letter.setTopic(from.topic());
    letter.setPartition(from.partition());
    letter.setOffset(from.offset());
    letter.setReason(reason);
    letter.setDetail(text.length() > LONGEST_DETAIL ? text.substring(0, LONGEST_DETAIL) : text);
    letter.setValue(ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, LARGEST_LETTER)).slice());
    return letter;
  }
}
