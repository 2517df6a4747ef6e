package io.kymo.collector.main;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.Dispatcher;
import io.kymo.collector.driver.Driver;
import io.kymo.collector.driver.Event;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.KernelCounter;
import io.kymo.collector.driver.KernelCounters;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.driver.SocketEvent;
import io.kymo.collector.driver.TcpEvent;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;

/** A driver whose events a test writes down, laid out as the kernel side does. */
final class FakeDriver implements Driver {
  static final long CAPACITY = 1000;

  private final ArrayDeque<ByteBuffer> ring = new ArrayDeque<>();
  private final Dispatcher dispatcher = new Dispatcher();
  private long seenBytes;
  long nowNanos = 1_000_000_000L;
  boolean stopped;
  int samples;
  long backlog;
  boolean canWait;

  @Override
  public boolean canWait() {
    return canWait;
  }

  @Override
  public boolean finished() {
    return canWait && ring.isEmpty();
  }

  /** Facts of a connected TCP socket. */
  SocketWriter socket(long inode, int transport) {
    return new SocketWriter(inode, transport);
  }

  void data(long inode, int transport, int direction, long position, int length, String payload) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    ByteBuffer event = header(DataEvent.TYPE, DataEvent.PAYLOAD_OFFSET + bytes.length, inode, 100);
    data(event, transport, direction, position, length, bytes.length);
    event.put(DataEvent.PAYLOAD_OFFSET, bytes);
    seenBytes += length;
    ring.add(event);
  }

  /** An empty peer: the call did not ask who it was. */
  void datagram(
      long inode, int direction, String peer, int peerPort, String payload, boolean continued) {
    byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
    ByteBuffer event =
        header(DatagramEvent.TYPE, DatagramEvent.PAYLOAD_OFFSET + bytes.length, inode, 100);
    data(event, 2, direction, 0, bytes.length, bytes.length);
    byte[] address = peer.isEmpty() ? new byte[0] : address(peer);
    event.put(DatagramEvent.PEER_ADDRESS_OFFSET, address);
    event.put(DatagramEvent.PEER_ADDRESS_LENGTH_OFFSET, (byte) address.length);
    event.putShort(DatagramEvent.PEER_PORT_OFFSET, (short) peerPort);
    event.put(DatagramEvent.PAYLOAD_OFFSET, bytes);
    if (continued) {
      event.putShort(Event.FLAGS_OFFSET, (short) Event.FLAG_CONTINUED);
    }
    seenBytes += bytes.length;
    ring.add(event);
  }

  void life(long inode, int transport, int kind, int error, long ingress, long egress) {
    ByteBuffer event = header(LifeEvent.TYPE, LifeEvent.LENGTH, inode, 100);
    event.putLong(LifeEvent.INGRESS_POSITION_OFFSET, ingress);
    event.putLong(LifeEvent.EGRESS_POSITION_OFFSET, egress);
    event.putInt(LifeEvent.ERROR_OFFSET, error);
    event.put(LifeEvent.KIND_OFFSET, (byte) kind);
    event.put(LifeEvent.TRANSPORT_OFFSET, (byte) transport);
    ring.add(event);
  }

  /** CLOSED by the process, while TCP goes on. */
  void leave(long inode) {
    life(inode, 1, 5, 0, -1, -1);
    ring.getLast().putShort(Event.FLAGS_OFFSET, (short) Event.FLAG_LINGERS);
  }

  void tcp(long inode, int kind, int retransmits, int reason) {
    ByteBuffer event = header(TcpEvent.TYPE, TcpEvent.LENGTH, inode, 0);
    event.put(TcpEvent.KIND_OFFSET, (byte) kind);
    event.putInt(TcpEvent.RETRANSMITS_OFFSET, retransmits);
    event.putInt(TcpEvent.SRTT_US_OFFSET, 1_500);
    event.putInt(TcpEvent.REASON_OFFSET, reason);
    ring.add(event);
  }

  @Override
  public void sampleTcp() {
    samples++;
  }

  @Override
  public String reason(int kind, int code) {
    return code == 0 ? "" : "REASON_" + code;
  }

  void process(int kind, int pid, int parent, String comm) {
    ByteBuffer event = header(ProcessEvent.TYPE, ProcessEvent.LENGTH, 0, pid);
    event.putInt(ProcessEvent.PARENT_OFFSET, parent);
    event.put(ProcessEvent.KIND_OFFSET, (byte) kind);
    event.put(ProcessEvent.COMM_OFFSET, comm.getBytes(StandardCharsets.UTF_8));
    ring.add(event);
  }

  /** An event that is shorter than its type. */
  void broken() {
    ByteBuffer event = header(SocketEvent.TYPE, Event.HEADER_LENGTH, 1, 100);
    ring.add(event);
  }

  private ByteBuffer header(int type, int size, long inode, int pid) {
    ByteBuffer event = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    event.putInt(Event.SIZE_OFFSET, size);
    event.putShort(Event.TYPE_OFFSET, (short) type);
    event.putLong(Event.TIME_OFFSET, nowNanos);
    event.putLong(Event.SOCKET_OFFSET, inode);
    event.putInt(Event.TGID_OFFSET, pid);
    event.putInt(Event.TID_OFFSET, pid);
    return event;
  }

  private static void data(
      ByteBuffer event, int transport, int direction, long position, int length, int captured) {
    event.putLong(DataEvent.POSITION_OFFSET, position);
    event.putInt(DataEvent.LENGTH_OFFSET, length);
    event.putInt(DataEvent.CAPTURED_OFFSET, captured);
    event.put(DataEvent.DIRECTION_OFFSET, (byte) direction);
    event.put(DataEvent.SOURCE_OFFSET, (byte) 1);
    event.put(DataEvent.TRANSPORT_OFFSET, (byte) transport);
  }

  static byte[] address(String text) {
    try {
      return InetAddress.getByName(text).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public String describe() {
    return "fake";
  }

  @Override
  public void start() {
    stopped = false;
  }

  @Override
  public int poll(EventHandler handler, int limit) {
    int taken = 0;
    for (; taken < limit && !ring.isEmpty(); taken++) {
      ByteBuffer event = ring.remove();
      dispatcher.dispatch(event, 0, event.capacity(), handler);
    }
    return taken;
  }

  @Override
  public int cpus() {
    return 1;
  }

  @Override
  public void counters(KernelCounters into) {
    into.set(0, KernelCounter.SEEN_BYTES, seenBytes);
  }

  @Override
  public long backlogBytes() {
    return backlog;
  }

  @Override
  public long capacityBytes() {
    return CAPACITY;
  }

  @Override
  public void excludeProcess(int tgid, boolean leaveOut) {
    throw new AssertionError("not used");
  }

  @Override
  public void scope(Scope scope) {
    throw new AssertionError("not used");
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public void close() {
    stopped = true;
  }

  /** Writes the facts of a socket. */
  final class SocketWriter {
    private final ByteBuffer event;

    SocketWriter(long inode, int transport) {
      event = header(SocketEvent.TYPE, SocketEvent.LENGTH, inode, 100);
      event.put(SocketEvent.TRANSPORT_OFFSET, (byte) transport);
      event.putInt(SocketEvent.OWNER_OFFSET, 100);
      event.putInt(SocketEvent.NETNS_OFFSET, (int) 4026532001L);
      event.put(SocketEvent.COMM_OFFSET, "comm".getBytes(StandardCharsets.UTF_8));
    }

    SocketWriter role(int role) {
      event.put(SocketEvent.ROLE_OFFSET, (byte) role);
      return this;
    }

    SocketWriter local(String address, int port) {
      byte[] bytes = address(address);
      event.put(SocketEvent.LOCAL_ADDRESS_OFFSET, bytes);
      event.put(SocketEvent.ADDRESS_LENGTH_OFFSET, (byte) bytes.length);
      event.putShort(SocketEvent.LOCAL_PORT_OFFSET, (short) port);
      return this;
    }

    SocketWriter remote(String address, int port) {
      event.put(SocketEvent.REMOTE_ADDRESS_OFFSET, address(address));
      event.putShort(SocketEvent.REMOTE_PORT_OFFSET, (short) port);
      return this;
    }

    SocketWriter unix(String path, long peer) {
      byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
      event.put(SocketEvent.PATH_OFFSET, bytes);
      event.putShort(SocketEvent.PATH_LENGTH_OFFSET, (short) bytes.length);
      event.putLong(SocketEvent.PEER_SOCKET_OFFSET, peer);
      return this;
    }

    SocketWriter owner(int pid) {
      event.putInt(SocketEvent.OWNER_OFFSET, pid);
      return this;
    }

    SocketWriter preexisting() {
      event.putShort(Event.FLAGS_OFFSET, (short) Event.FLAG_PREEXISTING);
      return this;
    }

    void tell() {
      ring.add(event);
    }
  }
}
