package io.kymo.stack.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Finds ports: the usual one, else the next free one above it. */
final class Ports {
  private static final int TRIES = 200;

  private final Set<Integer> given = new HashSet<>();

  int free(int usual) {
    for (int port = usual; port < usual + TRIES; port++) {
      if (!given.contains(port) && isFree(port)) {
        given.add(port);
        return port;
      }
    }
    throw new UserErrorException("no free port from " + usual + " to " + (usual + TRIES - 1));
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
