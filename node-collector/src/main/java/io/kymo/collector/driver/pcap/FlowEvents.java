package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.Event;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.collector.driver.pcap.flow.Flow;
import io.kymo.collector.driver.pcap.flow.FlowListener;
import io.kymo.schemas.ConnectionEventKind;
import io.kymo.schemas.Transport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes what happens to flows as the events that the kernel side of other drivers writes, and
 * hands each on at once. Allocates nothing per event.
 */
final class FlowEvents implements FlowListener {
  private static final int LARGEST =
      DatagramEvent.PAYLOAD_OFFSET + DriverSettings.SEGMENT_BYTES_MAX;
  private static final int CLEARED = SocketEvent.LENGTH;

  private final byte[] memory = new byte[LARGEST];
  private final ByteBuffer event = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
  private final Dispatcher dispatcher = new Dispatcher();
  private final int segmentBytes;
  private EventHandler handler;
  private long events;
  private long segments;
  private long bytes;
  private long payload;

  /**
   * @param segmentBytes payload of one event at most
   */
  FlowEvents(int segmentBytes) {
    this.segmentBytes = segmentBytes;
  }

  /** Takes the events from now on. */
  void handler(EventHandler taker) {
    handler = taker;
  }

  @Override
  public void began(Flow flow, long timeNs) {
    header(SocketEvent.TYPE, flow.fromStart() ? 0 : Event.FLAG_PREEXISTING, flow.openedNs(), flow);
    event.putLong(SocketEvent.INGRESS_POSITION_OFFSET, flow.firstPosition(Flow.INGRESS));
    event.putLong(SocketEvent.EGRESS_POSITION_OFFSET, flow.firstPosition(Flow.EGRESS));
    event.putShort(SocketEvent.LOCAL_PORT_OFFSET, (short) flow.localPort());
    event.putShort(SocketEvent.REMOTE_PORT_OFFSET, (short) flow.remotePort());
    event.put(SocketEvent.LOCAL_ADDRESS_OFFSET, flow.localAddress().array());
    event.put(SocketEvent.REMOTE_ADDRESS_OFFSET, flow.remoteAddress().array());
    event.put(SocketEvent.ADDRESS_LENGTH_OFFSET, (byte) flow.addressLength());
    event.put(SocketEvent.TRANSPORT_OFFSET, transport(flow));
    event.put(SocketEvent.ROLE_OFFSET, (byte) flow.role().wireId());
    hand(SocketEvent.LENGTH);
    if (flow.tcp() && flow.fromStart() && !flow.refused()) {
      life(
          flow,
          flow.openedNs(),
          ConnectionEventKind.OPENED,
          0,
          flow.firstPosition(Flow.INGRESS),
          flow.firstPosition(Flow.EGRESS));
    }
  }

  @Override
  public void data(
      Flow flow,
      int direction,
      long timeNs,
      long position,
      int length,
      byte[] from,
      int offset,
      int captured,
      boolean burst) {
    pieces(
        DataEvent.TYPE,
        DataEvent.PAYLOAD_OFFSET,
        flow,
        direction,
        timeNs,
        position,
        length,
        from,
        offset,
        captured,
        burst);
  }

  /** As a segment without a byte: it tells where the direction stands. */
  @Override
  public void passed(Flow flow, int direction, long timeNs, long position) {
    header(DataEvent.TYPE, 0, timeNs, flow);
    event.putLong(DataEvent.POSITION_OFFSET, position);
    event.put(DataEvent.DIRECTION_OFFSET, (byte) direction);
    event.put(DataEvent.TRANSPORT_OFFSET, transport(flow));
    hand(DataEvent.PAYLOAD_OFFSET);
  }

  @Override
  public void datagram(
      Flow flow,
      int direction,
      long timeNs,
      long position,
      int length,
      byte[] from,
      int offset,
      int captured,
      boolean burst) {
    // one peer for each flow: the socket's own
    pieces(
        DatagramEvent.TYPE,
        DatagramEvent.PAYLOAD_OFFSET,
        flow,
        direction,
        timeNs,
        position,
        length,
        from,
        offset,
        captured,
        burst);
  }

  private void pieces(
      int type,
      int header,
      Flow flow,
      int direction,
      long timeNs,
      long position,
      int length,
      byte[] from,
      int offset,
      int captured,
      boolean burst) {
    int flags = burst ? Event.FLAG_BURST_START : 0;
    int done = 0;
    do {
      boolean rest = captured - done <= segmentBytes; // its last piece has what was not captured
      int here = rest ? captured - done : segmentBytes;
      int trueLength = rest ? length - done : here;
      header(type, flags, timeNs, flow);
      event.putLong(DataEvent.POSITION_OFFSET, position + done & 0xffffffffL);
      event.putInt(DataEvent.LENGTH_OFFSET, trueLength);
      event.putInt(DataEvent.CAPTURED_OFFSET, here);
      event.put(DataEvent.DIRECTION_OFFSET, (byte) direction);
      event.put(DataEvent.TRANSPORT_OFFSET, transport(flow));
      System.arraycopy(from, offset + done, memory, header, here);
      hand(header + here);
      segments++;
      bytes += trueLength;
      payload += here;
      done += here;
      flags = Event.FLAG_CONTINUED;
    } while (done < captured);
  }

  @Override
  public void shutdown(Flow flow, int direction, long timeNs, long position) {
    boolean egress = direction == Flow.EGRESS;
    life(
        flow,
        timeNs,
        egress ? ConnectionEventKind.SHUTDOWN_EGRESS : ConnectionEventKind.SHUTDOWN_INGRESS,
        0,
        egress ? -1 : position,
        egress ? position : -1);
  }

  @Override
  public void ended(Flow flow, long timeNs, End end, int error, long ingressEnd, long egressEnd) {
    ConnectionEventKind kind =
        switch (end) {
          case CLOSED -> ConnectionEventKind.CLOSED;
          case RESET -> ConnectionEventKind.RESET;
          case REFUSED -> ConnectionEventKind.CONNECT_FAILED;
        };
    life(flow, timeNs, kind, error, ingressEnd, egressEnd);
    if (end == End.RESET) { // the collector forgets a connection when it is closed
      life(flow, timeNs, ConnectionEventKind.CLOSED, 0, ingressEnd, egressEnd);
    }
  }

  private void life(
      Flow flow, long timeNs, ConnectionEventKind kind, int error, long ingress, long egress) {
    header(LifeEvent.TYPE, 0, timeNs, flow);
    event.putLong(LifeEvent.INGRESS_POSITION_OFFSET, ingress);
    event.putLong(LifeEvent.EGRESS_POSITION_OFFSET, egress);
    event.putInt(LifeEvent.ERROR_OFFSET, error);
    event.put(LifeEvent.KIND_OFFSET, (byte) kind.wireId());
    event.put(LifeEvent.TRANSPORT_OFFSET, transport(flow));
    hand(LifeEvent.LENGTH);
  }

  private void header(int type, int flags, long timeNs, Flow flow) {
    Arrays.fill(memory, 0, CLEARED, (byte) 0);
    event.putShort(Event.TYPE_OFFSET, (short) type);
    event.putShort(Event.FLAGS_OFFSET, (short) flags);
    event.putLong(Event.TIME_OFFSET, timeNs);
    event.putLong(Event.SOCKET_OFFSET, flow.id());
  }

  private void hand(int size) {
    event.putInt(Event.SIZE_OFFSET, size);
    events++;
    dispatcher.dispatch(event, 0, size, handler);
  }

  private static byte transport(Flow flow) {
    return (byte) (flow.tcp() ? Transport.TCP : Transport.UDP).wireId();
  }

  /** Events handed on so far. */
  long events() {
    return events;
  }

  /** Of these, segments and datagrams. */
  long segments() {
    return segments;
  }

  /** Their true length. */
  long bytes() {
    return bytes;
  }

  /** Their payload. */
  long payloadBytes() {
    return payload;
  }
}
