package io.kymo.collector.driver;

import java.nio.ByteBuffer;

/**
 * Hands an event in memory to the handler's method for its type. Owns one flyweight of each kind:
 * one a thread.
 */
public final class Dispatcher {
  private final SocketEvent socket = new SocketEvent();
  private final DataEvent data = new DataEvent();
  private final DatagramEvent datagram = new DatagramEvent();
  private final LifeEvent life = new LifeEvent();
  private final ProcessEvent process = new ProcessEvent();
  private final TcpEvent tcp = new TcpEvent();

  /**
   * Events of types that this version does not know are passed over.
   *
   * @param buffer little-endian memory
   * @param at where the event's header begins
   * @param available bytes from there on that belong to the event
   */
  public void dispatch(ByteBuffer buffer, int at, int available, EventHandler handler) {
    if (available < Event.HEADER_LENGTH) {
      handler.onMalformed();
      return;
    }
    switch (buffer.getShort(at + Event.TYPE_OFFSET)) {
      case DataEvent.TYPE -> {
        if (sound(data, buffer, at, available, handler)) {
          handler.onData(data);
        }
      }
      case DatagramEvent.TYPE -> {
        if (sound(datagram, buffer, at, available, handler)) {
          handler.onDatagram(datagram);
        }
      }
      case SocketEvent.TYPE -> {
        if (sound(socket, buffer, at, available, handler)) {
          handler.onSocket(socket);
        }
      }
      case LifeEvent.TYPE -> {
        if (sound(life, buffer, at, available, handler)) {
          handler.onLife(life);
        }
      }
      case ProcessEvent.TYPE -> {
        if (sound(process, buffer, at, available, handler)) {
          handler.onProcess(process);
        }
      }
      case TcpEvent.TYPE -> {
        if (sound(tcp, buffer, at, available, handler)) {
          handler.onTcp(tcp);
        }
      }
      default -> {
        // told by a newer kernel side
      }
    }
  }

  private static boolean sound(
      Event event, ByteBuffer buffer, int at, int available, EventHandler handler) {
    event.wrap(buffer, at);
    if (event.sound(available)) {
      return true;
    }
    handler.onMalformed();
    return false;
  }
}
