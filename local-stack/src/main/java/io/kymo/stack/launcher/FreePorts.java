package io.kymo.stack.launcher;

import io.kymo.stack.Ports;
import java.util.HashSet;
import java.util.Set;

/** Finds ports: the usual one, else the next free one above it. */
final class FreePorts {
  private static final int TRIES = 200;

  private final Set<Integer> given = new HashSet<>();

  int free(int usual) {
    for (int port = usual; port < usual + TRIES; port++) {
      if (!given.contains(port) && Ports.isFree(port)) {
        given.add(port);
        return port;
      }
    }
    throw new UserErrorException("no free port from " + usual + " to " + (usual + TRIES - 1));
  }
}
