package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.Scope;
import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.live.LiveCapture;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketDecoder;

/**
 * Captures the packets of an interface, for hosts that take neither eBPF programs nor kernel
 * modules. Sees no processes, and nothing inside TLS.
 */
public final class InterfaceDriver extends PacketDriver {
  private static final long LOOK_NANOS = 1_000_000_000L;

  private final String name;
  private final DriverSettings settings;
  private final PacketDecoder decoder = new PacketDecoder(counters);
  private final Frame frame = new Frame();
  private LiveCapture capture;
  private long droppedAtClose;
  private boolean ended;
  private long lookedNanos = System.nanoTime();
  private volatile boolean gone;
  private volatile boolean stopped;

  /**
   * @param name of the interface, or any
   * @throws io.kymo.collector.driver.DriverException when the scope has filters of which packets
   *     show nothing
   */
  InterfaceDriver(String name, DriverSettings settings) {
    super(settings, "interface", true);
    this.name = name;
    this.settings = settings;
  }

  @Override
  public String name() {
    return "interface";
  }

  @Override
  public String describe() {
    return "interface " + name + " (packet socket, ring of " + capacityBytes() / 1024 + " KiB)";
  }

  @Override
  public String watches() {
    return "interface " + name;
  }

  @Override
  public void start() {
    capture = LiveCapture.start(name, settings.scope(), settings.ringBytes());
  }

  @Override
  public int poll(EventHandler handler, int limit) {
    handler(handler);
    long before = handedOn();
    int packets = 0;
    while (packets < limit && capture.next(frame)) {
      packets++;
      Packet packet = decoder.decode(frame);
      if (packet != null) {
        packet(packet);
      }
    }
    if (packets == 0) {
      quiet();
    }
    return Math.max(packets, (int) (handedOn() - before));
  }

  /** Time goes on where nothing comes; and all ends when capturing does. */
  private void quiet() {
    if (!stopped) {
      long now = System.nanoTime();
      if (now - lookedNanos >= LOOK_NANOS) {
        lookedNanos = now;
        gone = capture.orphaned();
      }
      flows.advance(System.currentTimeMillis() * 1_000_000);
    } else if (!ended) {
      ended = true;
      decoder.finish();
      flows.finish();
    }
  }

  @Override
  public boolean finished() {
    return gone;
  }

  @Override
  public String problem() {
    return gone ? "the interface " + name + " has gone: nothing is captured any more" : null;
  }

  @Override
  public void scope(Scope scope) {
    super.scope(scope);
    capture.scope(scope);
  }

  @Override
  long dropped() {
    return capture == null ? droppedAtClose : capture.dropped();
  }

  @Override
  public long backlogBytes() {
    return capture.backlogBytes();
  }

  @Override
  public long capacityBytes() {
    return capture.capacityBytes();
  }

  @Override
  public void stop() {
    if (capture != null && !stopped) {
      capture.stop();
    }
    stopped = true;
  }

  @Override
  public void close() {
    if (capture != null) {
      droppedAtClose = capture.dropped();
      capture.close();
      capture = null;
    }
  }
}
