package io.kymo.collector.driver.pcap.live;

import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.driver.pcap.file.Frame;
import java.nio.file.Path;

/** Packets of one interface as they pass, filtered in the kernel. */
public final class LiveCapture implements AutoCloseable {
  private final PacketSocket socket;
  private final int ringBytes;
  private PacketRing ring;

  private LiveCapture(PacketSocket socket, int ringBytes) {
    this.socket = socket;
    this.ringBytes = ringBytes;
  }

  /**
   * Begins to capture.
   *
   * @param name of the interface, or any
   * @param scope ports, and at most one network namespace that the interface is in
   * @param ringBytes size of the ring, rounded up to whole blocks
   * @throws DriverException when the interface does not exist or packet sockets are not allowed
   */
  public static LiveCapture start(String name, Scope scope, int ringBytes) {
    int blocks = Math.max(2, (ringBytes + PacketSocket.BLOCK_BYTES - 1) / PacketSocket.BLOCK_BYTES);
    LiveCapture capture =
        new LiveCapture(
            PacketSocket.open(name, namespace(scope)), blocks * PacketSocket.BLOCK_BYTES);
    boolean started = false;
    try {
      capture.scope(scope);
      capture.ring = new PacketRing(capture.socket.start(capture.ringBytes));
      started = true;
      return capture;
    } finally {
      if (!started) {
        capture.close();
      }
    }
  }

  private static Path namespace(Scope scope) {
    if (scope.netns().size() > 1) {
      throw new DriverException("an interface is in one network namespace: several were given");
    }
    return scope.netns().stream().findFirst().orElse(null);
  }

  /**
   * Looks whether it would start; leaves nothing behind.
   *
   * @throws DriverException when it would not
   */
  public static void probe(String name, Scope scope) {
    PacketSocket.open(name, namespace(scope)).close();
  }

  /** Replaces the kernel's filter. */
  public void scope(Scope scope) {
    socket.filter(PortFilter.of(scope.ports(), scope.excludedPorts()));
  }

  /** Moves to the next packet; false when there is none now. */
  public boolean next(Frame frame) {
    return ring.next(frame);
  }

  /** The interface is not there any more: nothing will ever come. */
  public boolean orphaned() {
    return socket.orphaned();
  }

  /** Nothing new comes into the ring. */
  public void stop() {
    socket.filter(PortFilter.nothing());
  }

  /** Packets that found no room in the ring. Thread-safe. */
  public long dropped() {
    return socket.dropped();
  }

  /** Bytes that wait in the ring, in whole blocks. */
  public long backlogBytes() {
    return ring.backlog();
  }

  public long capacityBytes() {
    return ringBytes;
  }

  @Override
  public void close() {
    socket.close();
  }
}
