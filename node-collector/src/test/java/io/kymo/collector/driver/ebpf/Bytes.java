package io.kymo.collector.driver.ebpf;

import io.kymo.collector.driver.DataEvent;
import io.kymo.collector.driver.DatagramEvent;
import io.kymo.collector.driver.Event;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.LifeEvent;
import io.kymo.collector.driver.ProcessEvent;
import io.kymo.collector.driver.SocketEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Memory as the kernel writes it, and a handler that reads all of every event. */
final class Bytes implements EventHandler {
  final List<Long> sockets = new ArrayList<>();
  final List<byte[]> payloads = new ArrayList<>();
  long touched;
  int malformed;

  static ByteBuffer direct(int length) {
    return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * A DATA event of this socket with a payload of so many bytes, each of them the socket's last.
   */
  static ByteBuffer data(long socket, int length) {
    ByteBuffer event = direct(DataEvent.PAYLOAD_OFFSET + length);
    event.putInt(Event.SIZE_OFFSET, event.capacity());
    event.putShort(Event.TYPE_OFFSET, (short) DataEvent.TYPE);
    event.putLong(Event.SOCKET_OFFSET, socket);
    event.putInt(DataEvent.LENGTH_OFFSET, length);
    event.putInt(DataEvent.CAPTURED_OFFSET, length);
    event.put(DataEvent.PAYLOAD_OFFSET, payload(socket, length));
    return event;
  }

  static byte[] payload(long socket, int length) {
    byte[] payload = new byte[length];
    Arrays.fill(payload, (byte) socket);
    return payload;
  }

  private void header(Event event) {
    touched += event.size() + event.timeNanos() + event.tgid() + event.tid();
    sockets.add(event.socket());
  }

  @Override
  public void onSocket(SocketEvent event) {
    header(event);
    byte[] address = new byte[16];
    event.localAddress(address);
    event.remoteAddress(address);
    touched += event.comm().length() + event.path().length() + event.owner() + event.protocol();
  }

  @Override
  public void onData(DataEvent event) {
    header(event);
    byte[] payload = new byte[event.captured()];
    event.payload(payload, 0, payload.length);
    payloads.add(payload);
    touched += event.position() + event.length() + event.source() + event.transport();
  }

  @Override
  public void onDatagram(DatagramEvent event) {
    onData(event);
    byte[] address = new byte[16];
    event.peerAddress(address);
    touched += event.peerPort() + event.peerSocket();
  }

  @Override
  public void onLife(LifeEvent event) {
    header(event);
    touched += event.kind() + event.error() + event.ingressPosition() + event.egressPosition();
  }

  @Override
  public void onProcess(ProcessEvent event) {
    header(event);
    touched += event.comm().length() + event.parent() + event.exitCode() + event.startNanos();
  }

  @Override
  public void onMalformed() {
    malformed++;
  }
}
