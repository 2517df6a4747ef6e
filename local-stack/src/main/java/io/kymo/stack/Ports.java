package io.kymo.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Loopback ports: no server of this stack listens on anything else. */
public final class Ports {
  public static final String LOOPBACK = "127.0.0.1";

  private Ports() {}

  /**
   * @param key the configuration key that the port came from, for the message
   * @throws StartException when somebody listens there already
   */
  public static void requireFree(String key, int port) throws StartException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address(port));
    } catch (IOException e) {
      throw taken(key, port, e);
    }
  }

  public static StartException taken(String key, int port, IOException cause) {
    return new StartException(
        "port "
            + port
            + " on "
            + LOOPBACK
            + " cannot be used ("
            + cause.getMessage()
            + "): give another one with "
            + key
            + "=PORT");
  }

  public static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
