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

  /**
   * Events of types that this version does not know are passed over.
   *
   * @param buffer little-endian memory
   * @param at where the event's header begins
   */
  public void dispatch(ByteBuffer buffer, int at, EventHandler handler) {
    switch (buffer.getShort(at + Event.TYPE_OFFSET)) {
      case DataEvent.TYPE -> {
        data.wrap(buffer, at);
        handler.onData(data);
      }
      case DatagramEvent.TYPE -> {
        datagram.wrap(buffer, at);
        handler.onDatagram(datagram);
      }
      case SocketEvent.TYPE -> {
        socket.wrap(buffer, at);
        handler.onSocket(socket);
      }
      case LifeEvent.TYPE -> {
        life.wrap(buffer, at);
        handler.onLife(life);
      }
      case ProcessEvent.TYPE -> {
        process.wrap(buffer, at);
        handler.onProcess(process);
      }
      default -> {
        // told by a newer kernel side
      }
    }
  }
}
