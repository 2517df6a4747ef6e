package io.kymo.acceptance;

import java.nio.file.Path;
import java.util.List;

/**
 * A second line between the {@link Lab}'s two hosts whose delay, loss and reordering can be set
 * (bpf/test/link.c): not every kernel has netem.
 */
public final class LongLine implements AutoCloseable {
  public static final String CLIENT = "10.78.0.1";
  public static final String SERVER = "10.78.0.2";

  private static final String CLIENT_DEVICE = "kymoc";
  private static final String SERVER_DEVICE = "kymos";
  private static final String CLIENT_MAC = "02:00:00:00:78:01";
  private static final String SERVER_MAC = "02:00:00:00:78:02";

  private final Lab lab;
  private final Talk link;

  public LongLine(Lab lab) {
    this.lab = lab;
    link =
        new Talk(
            lab.work.resolve("link.log"),
            List.of(
                Path.of(System.getProperty("kymo.root"), "node-collector/target/bpf/link")
                    .toString(),
                "/run/netns/" + lab.client,
                CLIENT_DEVICE,
                "/run/netns/" + lab.server,
                SERVER_DEVICE));
    configure(lab.client, CLIENT_DEVICE, CLIENT_MAC, CLIENT, SERVER, SERVER_MAC);
    configure(lab.server, SERVER_DEVICE, SERVER_MAC, SERVER, CLIENT, CLIENT_MAC);
    fine();
  }

  /** The neighbour is entered by hand: a broken line shall not look like a host that is away. */
  private void configure(
      String ns, String device, String mac, String address, String peer, String peerMac) {
    run(ns, "ip", "link", "set", device, "address", mac);
    run(ns, "ip", "addr", "add", address + "/24", "dev", device);
    run(ns, "ip", "link", "set", device, "up");
    run(ns, "ip", "neigh", "replace", peer, "lladdr", peerMac, "dev", device, "nud", "permanent");
  }

  private void run(String namespace, String... command) {
    lab.on(namespace, command).orFail();
  }

  /**
   * Sets both directions.
   *
   * @param delayMs one way
   * @param lossPerMille frames that are lost
   * @param reorderPerMille frames that overtake those before them
   */
  public void set(int delayMs, int lossPerMille, int reorderPerMille) {
    link.ok("line " + delayMs * 1_000 + " " + lossPerMille + " " + reorderPerMille);
  }

  /** No delay, nothing lost. */
  public void fine() {
    set(0, 0, 0);
  }

  /** Nothing gets through. */
  public void cut() {
    set(0, 1_000, 0);
  }

  /** The server's sending side becomes so narrow that packets are dropped before they leave. */
  public void narrow() {
    run(
        lab.server,
        "tc",
        "qdisc",
        "add",
        "dev",
        SERVER_DEVICE,
        "root",
        "tbf",
        "rate",
        "4mbit",
        "burst",
        "1600",
        "limit",
        "2000");
  }

  /** Undoes {@link #narrow}. */
  public void wide() {
    run(lab.server, "tc", "qdisc", "del", "dev", SERVER_DEVICE, "root");
  }

  /** Frames that the line has lost since it is there. */
  public long lost() {
    return Long.parseLong(link.ok("lost"));
  }

  @Override
  public void close() {
    link.close();
  }
}
