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
    try {
      bind(port);
    } catch (IOException e) {
      throw taken(key, port, e);
    }
  }

  /** Does nobody listen there? */
  public static boolean isFree(int port) {
    try {
      bind(port);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void bind(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address(port));
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
