package io.kymo.schemas;

/** How bytes travel. Wire ids are append-only. */
public enum Transport {
  TCP(1, "tcp", true),
  UDP(2, "udp", false),
  UNIX_STREAM(3, "unix", true),
  UNIX_DATAGRAM(4, "unix", false);

  private static final WireIds<Transport> BY_WIRE_ID = new WireIds<>(values(), Transport::wireId);

  private final int wireId;
  private final String networkTransport;
  private final boolean stream;

  Transport(int wireId, String networkTransport, boolean stream) {
    this.wireId = wireId;
    this.networkTransport = networkTransport;
    this.stream = stream;
  }

  public int wireId() {
    return wireId;
  }

  /** OpenTelemetry's network.transport: tcp, udp or unix. */
  public String networkTransport() {
    return networkTransport;
  }

  /** True when bytes flow without message boundaries. */
  public boolean stream() {
    return stream;
  }

  /** Returns null for an id that this version does not know. */
  public static Transport ofWireId(int id) {
    return BY_WIRE_ID.of(id);
  }
}
