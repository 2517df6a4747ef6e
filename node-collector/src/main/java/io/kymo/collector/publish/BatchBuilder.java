package io.kymo.collector.publish;

import io.kymo.collector.connection.Connection;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.TcpEvent;
import io.kymo.collector.metrics.CollectorCounter;
import io.kymo.collector.metrics.Counters;
import io.kymo.schemas.ConnectionEvent;
import io.kymo.schemas.Segment;
import io.kymo.schemas.SegmentBatch;
import io.kymo.schemas.TcpReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.Encoder;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.Utf8;

/**
 * The batch of one partition that is being filled. Items are encoded as they come, by the generated
 * coders, each array into its own buffer; {@link #build} puts header and arrays together. Nothing
 * is allocated for a segment.
 */
final class BatchBuilder {
  /** 0x00 and four bytes schema id, see io.kymo.schemas.wire. */
  static final int FRAME_BYTES = 5;

  private static final List<String> FIELDS =
      List.of(
          "node",
          "boot_id",
          "collector_start",
          "driver",
          "sequence",
          "clock_offset_ns",
          "counters",
          "connections",
          "segments",
          "events",
          "tcp");

  private static final CollectorCounter[] COUNTERS = CollectorCounter.values();
  private static final KernelCounter[] KERNEL_COUNTERS = KernelCounter.values();
  private static final Utf8[] COUNTER_IDS = new Utf8[COUNTERS.length];
  private static final Utf8[] KERNEL_COUNTER_IDS = new Utf8[KERNEL_COUNTERS.length];

  static {
    List<String> fields =
        SegmentBatch.getClassSchema().getFields().stream().map(Schema.Field::name).toList();
    if (!fields.equals(FIELDS)) {
      throw new ExceptionInInitializerError(
          "build() writes other fields than the schema: " + fields);
    }
    for (CollectorCounter counter : COUNTERS) {
      COUNTER_IDS[counter.ordinal()] = new Utf8(counter.id());
    }
    for (KernelCounter counter : KERNEL_COUNTERS) {
      KERNEL_COUNTER_IDS[counter.ordinal()] = new Utf8(counter.id());
    }
  }

  private final Origin origin;
  private final int partition;
  private final GrowingEncoder connections = new GrowingEncoder(4 << 10);
  private final GrowingEncoder segments = new GrowingEncoder(16 << 10);
  private final GrowingEncoder events = new GrowingEncoder(1 << 10);
  private final GrowingEncoder tcp = new GrowingEncoder(1 << 10);
  private final GrowingEncoder whole = new GrowingEncoder(16 << 10);
  private final Segment segment = new Segment();
  private final ConnectionEvent event = new ConnectionEvent();
  private final TcpReport report = new TcpReport();

  private long sequence;
  private long number;
  private int connectionCount;
  private int segmentCount;
  private int eventCount;
  private int tcpCount;
  private long segmentBytes;
  private long startedNanos;

  BatchBuilder(Origin origin, int partition) {
    this.origin = origin;
    this.partition = partition;
  }

  /**
   * Begins anew.
   *
   * @param batchNumber unique among all batches of this process, greater than 0
   */
  void begin(long batchNumber, long nowNanos) {
    number = batchNumber;
    startedNanos = nowNanos;
    connections.reset();
    segments.reset();
    events.reset();
    tcp.reset();
    connectionCount = 0;
    segmentCount = 0;
    eventCount = 0;
    tcpCount = 0;
    segmentBytes = 0;
  }

  boolean isEmpty() {
    return segmentCount == 0 && eventCount == 0 && tcpCount == 0;
  }

  /** Bytes so far, without the header. */
  int size() {
    return connections.length() + segments.length() + events.length() + tcp.length();
  }

  /** When it was begun, or when its first item came. */
  long startedNanos() {
    return startedNanos;
  }

  /**
   * @param payload from position to limit
   */
  void segment(
      Connection connection,
      int direction,
      long timeNs,
      long position,
      int length,
      ByteBuffer payload,
      int tid,
      int source,
      int flags,
      long nowNanos) {
    segment.setConnection(index(connection, nowNanos));
    segment.setDirection(direction);
    segment.setTimeNs(timeNs);
    segment.setPosition(position);
    segment.setLength(length);
    segment.setPayload(payload);
    segment.setTid(tid);
    segment.setSource(source);
    segment.setFlags(flags);
    encode(segment, segments);
    segmentCount++;
    segmentBytes += length;
  }

  void event(
      Connection connection,
      long timeNs,
      int kind,
      int flags,
      int error,
      long ingressPosition,
      long egressPosition,
      long nowNanos) {
    event.setConnection(index(connection, nowNanos));
    event.setAfter(segmentCount);
    event.setTimeNs(timeNs);
    event.setKind(kind);
    event.setFlags(flags);
    event.setError(error);
    event.setIngressPosition(ingressPosition);
    event.setEgressPosition(egressPosition);
    encode(event, events);
    eventCount++;
  }

  void tcp(Connection connection, TcpEvent from, String reason, long nowNanos) {
    report.setConnection(index(connection, nowNanos));
    report.setTimeNs(from.timeNanos());
    report.setKind(from.kind());
    report.setState(from.state());
    report.setError(from.error());
    report.setReason(reason);
    report.setSrttUs(from.srttMicros());
    report.setRttVarianceUs(from.rttVarianceMicros());
    report.setRttMinUs(from.rttMinMicros());
    report.setRetransmits(from.retransmits());
    report.setBytesRetransmitted(from.bytesRetransmitted());
    report.setBytesAcked(from.bytesAcked());
    report.setBytesReceived(from.bytesReceived());
    report.setBytesSent(from.bytesSent());
    report.setSegmentsOut(from.segmentsOut());
    report.setSegmentsIn(from.segmentsIn());
    report.setLost(from.lost());
    report.setOutOfOrder(from.outOfOrder());
    report.setReordered(from.reordered());
    report.setSendWindow(from.sendWindow());
    report.setReceiveWindow(from.receiveWindow());
    report.setCongestionWindow(from.congestionWindow());
    report.setReceiverLimitedUs(from.receiverLimitedMicros());
    encode(report, tcp);
    tcpCount++;
  }

  /**
   * Ends this batch; {@link #begin} must follow. Takes the next sequence number. The batch lies in
   * memory that the next one takes.
   */
  Batch build(long clockOffsetNs, Counters counters) {
    try {
      whole.reset();
      for (int i = 0; i < FRAME_BYTES; i++) {
        whole.writeZero();
      }
      whole.writeString(origin.node());
      whole.writeString(origin.bootId());
      whole.writeLong(origin.collectorStart());
      whole.writeString(origin.driver());
      whole.writeLong(sequence++);
      whole.writeLong(clockOffsetNs);
      counters(counters);
      array(connectionCount, connections);
      array(segmentCount, segments);
      array(eventCount, events);
      array(tcpCount, tcp);
      return new Batch(partition, whole.array(), whole.length(), segmentCount, segmentBytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
  }

  private int index(Connection connection, long nowNanos) {
    if (isEmpty()) {
      startedNanos = nowNanos;
    }
    if (connection.batch() != number) {
      connection.inBatch(number, connectionCount++);
      encode(connection.facts(), connections);
    }
    return connection.batchIndex();
  }

  private void counters(Counters counters) throws IOException {
    int present = 0;
    for (CollectorCounter counter : COUNTERS) {
      present += counters.get(counter) == 0 ? 0 : 1;
    }
    for (KernelCounter counter : KERNEL_COUNTERS) {
      present += counters.get(counter) == 0 ? 0 : 1;
    }
    // other threads count on, but no counter goes back to 0, so at least `present` of them will be
    // found
    whole.writeMapStart();
    whole.setItemCount(present);
    for (int i = 0; i < COUNTERS.length && present > 0; i++) {
      present -= counter(COUNTER_IDS[i], counters.get(COUNTERS[i]));
    }
    for (int i = 0; i < KERNEL_COUNTERS.length && present > 0; i++) {
      present -= counter(KERNEL_COUNTER_IDS[i], counters.get(KERNEL_COUNTERS[i]));
    }
    whole.writeMapEnd();
  }

  private int counter(Utf8 id, long value) throws IOException {
    if (value == 0) {
      return 0;
    }
    whole.startItem();
    whole.writeString(id);
    whole.writeLong(value);
    return 1;
  }

  private void array(int count, GrowingEncoder items) throws IOException {
    whole.writeArrayStart();
    whole.setItemCount(count);
    whole.append(items);
    whole.writeArrayEnd();
  }

  private static void encode(SpecificRecordBase record, Encoder into) {
    try {
      record.customEncode(into);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail
    }
  }
}
