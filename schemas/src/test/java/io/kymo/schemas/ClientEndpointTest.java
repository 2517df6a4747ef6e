package io.kymo.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ClientEndpointTest {
  private static final String BOOT = "5c3bd2b4-7a61-4a43-a3a4-6f2d3f4b5a60";
  private static final String OTHER_BOOT = "00000000-7a61-4a43-a3a4-6f2d3f4b5a60";

  @Test
  void bothSidesAgreeAlthoughTheServersAddressWasRewritten() {
    ConnectionFacts client = tcp(Role.CLIENT, "10.0.1.7", 40_001, "10.96.0.10", 80);
    ConnectionFacts server = tcp(Role.SERVER, "10.0.2.9", 8080, "10.0.1.7", 40_001);

    assertThat(ClientEndpoint.of(client, BOOT)).isEqualTo(ClientEndpoint.of(server, OTHER_BOOT));
  }

  @Test
  void withoutRoleTheHigherPortIsTheClient() {
    ConnectionFacts client = tcp(Role.UNKNOWN, "10.0.1.7", 40_001, "10.0.2.9", 5432);
    ConnectionFacts server = tcp(Role.UNKNOWN, "10.0.2.9", 5432, "10.0.1.7", 40_001);

    assertThat(ClientEndpoint.localIsClient(client)).isTrue();
    assertThat(ClientEndpoint.localIsClient(server)).isFalse();
    assertThat(ClientEndpoint.of(client, BOOT)).isEqualTo(ClientEndpoint.of(server, BOOT));
  }

  @Test
  void equalPortsAreDecidedByAddress() {
    ConnectionFacts one = tcp(Role.UNKNOWN, "10.0.1.7", 5353, "10.0.2.9", 5353);
    ConnectionFacts two = tcp(Role.UNKNOWN, "10.0.2.9", 5353, "10.0.1.7", 5353);

    assertThat(ClientEndpoint.localIsClient(one)).isNotEqualTo(ClientEndpoint.localIsClient(two));
    assertThat(ClientEndpoint.of(one, BOOT)).isEqualTo(ClientEndpoint.of(two, BOOT));
  }

  @Test
  void mappedAddressEqualsItsIpv4() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    System.arraycopy(InetAddress.getByName("192.0.2.1").getAddress(), 0, mapped, 12, 4);

    assertThat(ClientEndpoint.ofAddress(ByteBuffer.wrap(mapped), 7, BOOT))
        .isEqualTo(ClientEndpoint.ofAddress(address("192.0.2.1"), 7, BOOT))
        .isNotEqualTo(ClientEndpoint.ofAddress(address("192.0.2.1"), 8, BOOT))
        .isNotEqualTo(ClientEndpoint.ofAddress(address("192.0.2.2"), 7, BOOT));
  }

  @Test
  void whatIsUniqueOnItsNodeOnlyDiffersBetweenNodes() {
    for (String loopback : new String[] {"127.0.0.1", "::1"}) {
      assertThat(ClientEndpoint.ofAddress(address(loopback), 7, BOOT))
          .isNotEqualTo(ClientEndpoint.ofAddress(address(loopback), 7, OTHER_BOOT));
    }
    assertThat(ClientEndpoint.ofInode(4711, BOOT))
        .isNotEqualTo(ClientEndpoint.ofInode(4711, OTHER_BOOT));
    assertThat(ClientEndpoint.ofAddress(address("2001:db8::1"), 7, BOOT))
        .isEqualTo(ClientEndpoint.ofAddress(address("2001:db8::1"), 7, OTHER_BOOT));
  }

  @Test
  void unixSocketsMeetAtTheClientsInode() {
    ConnectionFacts client = unix(Role.CLIENT, 100, 200);
    ConnectionFacts server = unix(Role.SERVER, 200, 100);

    assertThat(ClientEndpoint.of(client, BOOT)).isEqualTo(ClientEndpoint.of(server, BOOT));
    assertThat(ClientEndpoint.of(unix(Role.UNKNOWN, 100, 200), BOOT))
        .isEqualTo(ClientEndpoint.of(unix(Role.UNKNOWN, 200, 100), BOOT));
  }

  @Test
  void exchangeIdTakesTheLow32BitsOfThePosition() {
    assertThat(ClientEndpoint.exchangeId(5, 0x1_0000_0007L))
        .isEqualTo(ClientEndpoint.exchangeId(5, 7))
        .isNotEqualTo(ClientEndpoint.exchangeId(5, 8))
        .isNotEqualTo(ClientEndpoint.exchangeId(6, 7));
    assertThat(ClientEndpoint.exchangeId(5, 1, 2)).isNotEqualTo(ClientEndpoint.exchangeId(5, 2, 1));
  }

  @Test
  void partitionsAreFilledEvenly() {
    int[] count = new int[4];
    for (int port = 32_768; port < 36_768; port++) {
      count[
          ClientEndpoint.partition(ClientEndpoint.ofAddress(address("10.0.0.1"), port, BOOT), 4)]++;
    }
    for (int n : count) {
      assertThat(n).isBetween(900, 1100);
    }
  }

  private static ConnectionFacts tcp(
      Role role, String local, int localPort, String remote, int remotePort) {
    return facts(Transport.TCP, role, 1, 0)
        .setLocalAddress(address(local))
        .setLocalPort(localPort)
        .setRemoteAddress(address(remote))
        .setRemotePort(remotePort)
        .build();
  }

  private static ConnectionFacts unix(Role role, long inode, long peer) {
    return facts(Transport.UNIX_STREAM, role, inode, peer).build();
  }

  private static ConnectionFacts.Builder facts(Transport transport, Role role, long id, long peer) {
    return ConnectionFacts.newBuilder()
        .setId(id)
        .setTransport(transport.wireId())
        .setRole(role.wireId())
        .setLocalAddress(ByteBuffer.allocate(0))
        .setLocalPort(0)
        .setRemoteAddress(ByteBuffer.allocate(0))
        .setRemotePort(0)
        .setPath("")
        .setPeerId(peer)
        .setNetworkNamespace(1)
        .setPid(1)
        .setProcessStartNs(0)
        .setComm("")
        .setExecutable("")
        .setCgroup("")
        .setContainerId("")
        .setOpenedNs(0);
  }

  private static ByteBuffer address(String text) {
    try {
      return ByteBuffer.wrap(InetAddress.getByName(text).getAddress());
    } catch (java.net.UnknownHostException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
