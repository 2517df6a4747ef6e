package io.kymo.schemas;

/**
 * Which call saw the bytes of a segment. Wire ids are append-only and equal those of
 * bpf/include/wire.h.
 */
public enum Source {
  READ(1),
  READV(2),
  WRITE(3),
  WRITEV(4),
  SENDTO(5),
  RECVFROM(6),
  SENDMSG(7),
  RECVMSG(8),
  SENDMMSG(9),
  RECVMMSG(10),
  /** Sizes only: the bytes never were in user memory. */
  SENDFILE(11),
  /** Sizes only: the bytes never were in user memory. */
  SPLICE(12),
  /** Plaintext, from a TLS library. */
  TLS_READ(13),
  /** Plaintext, handed to a TLS library. */
  TLS_WRITE(14);

  private static final WireIds<Source> BY_WIRE_ID = new WireIds<>(values(), Source::wireId);

  private final int wireId;

  Source(int wireId) {
    this.wireId = wireId;
  }

  public int wireId() {
    return wireId;
  }

  /** Returns null for an id that this version does not know. */
  public static Source ofWireId(int id) {
    return BY_WIRE_ID.of(id);
  }
}
