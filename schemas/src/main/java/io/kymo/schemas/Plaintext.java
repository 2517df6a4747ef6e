package io.kymo.schemas;

/**
 * What TLS carries on a connection is a connection of its own: its id is the socket's with one bit
 * set (bit 62; datagram conversations have bit 63), its positions count the plaintext's bytes.
 */
public final class Plaintext {
  private static final long BIT = 1L << 62;

  private Plaintext() {}

  /** Id of the plaintext's connection on this socket. */
  public static long idOn(long socket) {
    return socket | BIT;
  }

  public static boolean is(long connectionId) {
    return connectionId > 0 && (connectionId & BIT) != 0;
  }

  /** Id of the connection itself, whose plaintext (or which) it is. */
  public static long socket(long connectionId) {
    return is(connectionId) ? connectionId & ~BIT : connectionId;
  }
}
