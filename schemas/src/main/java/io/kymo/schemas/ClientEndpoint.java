package io.kymo.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The client's endpoint of a connection as a 64-bit hash, which both sides compute alike, each from
 * what it sees: it survives destination NAT, because only the server's address is rewritten. The
 * Kafka partition and the exchange id come from it.
 *
 * <p>An IP endpoint is (address, port). A Unix endpoint is the client socket's inode. What is
 * unique on its node only (inodes, loopback addresses) is mixed with the boot id.
 */
public final class ClientEndpoint {
  private static final byte[] V4_MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

  /** Any number that is not likely to come otherwise. */
  private static final long PLAINTEXT = 0x746c733a706c6169L;

  private ClientEndpoint() {}

  /**
   * Hash of the client's endpoint, whichever side saw the connection; {@code bootId} of the node
   * that saw it.
   */
  public static long of(ConnectionFacts facts, String bootId) {
    return localIsClient(facts) ? local(facts, bootId) : remote(facts, bootId);
  }

  /** Hash of the traced process's own endpoint. */
  public static long local(ConnectionFacts facts, String bootId) {
    return unix(facts)
        ? ofInode(Plaintext.socket(facts.getId()), bootId)
        : ofAddress(facts.getLocalAddress(), facts.getLocalPort(), bootId);
  }

  /** Hash of the other end. A Unix socket whose peer is not known stands for its own other end. */
  public static long remote(ConnectionFacts facts, String bootId) {
    return unix(facts)
        ? ofInode(
            facts.getPeerId() == 0 ? Plaintext.socket(facts.getId()) : facts.getPeerId(), bootId)
        : ofAddress(facts.getRemoteAddress(), facts.getRemotePort(), bootId);
  }

  /**
   * Whether the traced process is the client. With no role known: the end with the higher port
   * (ephemeral ports are high), then the greater address; of a Unix pair the lower inode (connect
   * makes the client's socket before accept makes the server's).
   */
  public static boolean localIsClient(ConnectionFacts facts) {
    return switch (Role.ofWireId(facts.getRole())) {
      case CLIENT -> true;
      case SERVER -> false;
      case UNKNOWN -> localLooksLikeClient(facts);
    };
  }

  private static boolean localLooksLikeClient(ConnectionFacts facts) {
    if (unix(facts)) {
      return facts.getPeerId() == 0 || Plaintext.socket(facts.getId()) <= facts.getPeerId();
    }
    if (facts.getLocalPort() != facts.getRemotePort()) {
      return facts.getLocalPort() > facts.getRemotePort();
    }
    return normalised(facts.getLocalAddress()).compareTo(normalised(facts.getRemoteAddress())) >= 0;
  }

  /**
   * Address of 4 or 16 bytes in network order, from position to limit; an IPv4-mapped IPv6 address
   * equals its IPv4 form.
   */
  public static long ofAddress(ByteBuffer address, int port, String bootId) {
    ByteBuffer bytes = normalised(address);
    long hash = loopback(bytes) ? bootHash(bootId) : 0;
    while (bytes.remaining() >= Integer.BYTES) {
      hash = mix(hash ^ (bytes.getInt() & 0xffffffffL));
    }
    return mix(hash ^ ((long) port << 32));
  }

  /** Endpoint of a Unix socket. */
  public static long ofInode(long inode, String bootId) {
    return mix(bootHash(bootId) ^ inode);
  }

  /** The endpoint of what TLS carries, whose positions are not those of the connection. */
  public static long plaintext(long endpoint) {
    return mix(endpoint ^ PLAINTEXT);
  }

  /**
   * The endpoint of a stream whose positions began in the middle, so that they are not those of the
   * other end: equal to nothing that the other end sees.
   */
  public static long untied(long endpoint, long connectionId, Role role) {
    return mix(mix(endpoint ^ connectionId) ^ role.wireId());
  }

  /** Partition of kymo.segments for everything that this client's connection carries. */
  public static int partition(long endpoint, int partitions) {
    return Math.floorMod(endpoint, partitions);
  }

  /**
   * Id of the exchange on a stream whose request begins at {@code position}; only its low 32 bits
   * count.
   */
  public static long exchangeId(long endpoint, long position) {
    return mix(endpoint ^ mix(position & 0xffffffffL));
  }

  /**
   * Id of the exchange over datagrams: the protocol's correlation id and a hash of the request's
   * payload tell it apart.
   */
  public static long exchangeId(long endpoint, long correlationId, long payloadHash) {
    return mix(mix(endpoint ^ mix(correlationId)) ^ payloadHash);
  }

  private static boolean unix(ConnectionFacts facts) {
    return facts.getTransport() == Transport.UNIX_STREAM.wireId()
        || facts.getTransport() == Transport.UNIX_DATAGRAM.wireId();
  }

  private static ByteBuffer normalised(ByteBuffer address) {
    ByteBuffer bytes = address.duplicate(); // network order, whatever the caller's order is
    if (bytes.remaining() == 16) {
      byte[] prefix = new byte[V4_MAPPED.length];
      bytes.duplicate().get(prefix);
      if (Arrays.equals(prefix, V4_MAPPED)) {
        bytes.position(bytes.position() + V4_MAPPED.length);
      }
    }
    return bytes;
  }

  private static boolean loopback(ByteBuffer address) {
    int at = address.position();
    return switch (address.remaining()) {
      case 4 -> address.get(at) == 127;
      case 16 -> address.getLong(at) == 0 && address.getLong(at + Long.BYTES) == 1;
      default -> false;
    };
  }

  private static long bootHash(String bootId) {
    CRC32C crc = new CRC32C();
    crc.update(bootId.getBytes(StandardCharsets.US_ASCII));
    return mix(crc.getValue());
  }

  /** Stafford's variant 13 of the 64-bit finaliser, as in SplittableRandom; a bijection. */
  private static long mix(long z) {
    z += 0x9e3779b97f4a7c15L; // so that 0 is not its own image
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
