package io.kymo.collector.driver;

/**
 * Takes the events of a driver, in the order in which the kernel told them, on the thread that
 * polls. A flyweight and the memory below it are valid only until the method returns. A socket's
 * facts come before its first data.
 */
public interface EventHandler {
  void onSocket(SocketEvent event);

  void onData(DataEvent event);

  void onDatagram(DatagramEvent event);

  void onLife(LifeEvent event);

  void onProcess(ProcessEvent event);

  /** Memory that should have held an event does not: nothing of it can be told. */
  default void onMalformed() {}

  /**
   * How the network treats a TCP connection. Of a connect under way it may come before the socket's
   * facts, which are told when connect returns.
   */
  default void onTcp(TcpEvent event) {}
}
