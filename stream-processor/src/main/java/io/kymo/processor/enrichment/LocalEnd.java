package io.kymo.processor.enrichment;

import io.kymo.schemas.ConnectionFacts;
import io.kymo.schemas.Transport;

/**
 * Both ends of a connection as rows name them: what its addresses are, and who the traced process
 * is. Made once for each connection, not for each row.
 *
 * @param localAddress IP address; path of a Unix socket where the traced process is its server
 * @param process name of the executable, else the process's own name for itself; at most 64
 *     characters
 * @param container id of the container, empty outside of containers
 */
public record LocalEnd(
    String node,
    String localAddress,
    int localPort,
    String remoteAddress,
    int remotePort,
    String path,
    String process,
    int pid,
    String container) {
  private static final int LONGEST_NAME = 64;
  // sun_path has 108 bytes (include/uapi/linux/un.h)
  private static final int LONGEST_PATH = 108;

  public static LocalEnd of(String node, ConnectionFacts facts) {
    Transport transport = Transport.ofWireId(facts.getTransport());
    boolean unix = transport == Transport.UNIX_STREAM || transport == Transport.UNIX_DATAGRAM;
    return new LocalEnd(
        node,
        unix ? "" : AddressText.of(facts.getLocalAddress()),
        facts.getLocalPort(),
        unix ? "" : AddressText.of(facts.getRemoteAddress()),
        facts.getRemotePort(),
        unix ? cut(facts.getPath(), LONGEST_PATH) : "",
        process(facts),
        facts.getPid(),
        cut(facts.getContainerId(), LONGEST_NAME));
  }

  private static String process(ConnectionFacts facts) {
    String path = facts.getExecutable().strip();
    String name = path.substring(path.lastIndexOf('/') + 1);
    return cut(name.isEmpty() ? facts.getComm() : name, LONGEST_NAME);
  }

  private static String cut(String text, int longest) {
    String trimmed = text.strip();
    return trimmed.length() <= longest ? trimmed : trimmed.substring(0, longest);
  }
}
