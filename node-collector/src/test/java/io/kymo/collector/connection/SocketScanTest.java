package io.kymo.collector.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.collector.driver.Scope;
import io.kymo.collector.process.Trees;
import io.kymo.schemas.Transport;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** On the checked-in tree, whose addresses are printed as little-endian machines do. */
class SocketScanTest {
  private static final int OWN_PID = 4_000_000;

  private final SocketScan scan = new SocketScan(Trees.proc(), ByteOrder.LITTLE_ENDIAN, OWN_PID);

  @Test
  void everySocketOfEveryNamespace() throws Exception {
    Map<Long, OpenSocket> found = byInode(Scope.ALL);

    OpenSocket accepted = found.get(5002L);
    assertThat(accepted.transport()).isEqualTo(Transport.TCP);
    assertThat(text(accepted.localAddress())).isEqualTo("10.0.0.2"); // mapped into IPv6
    assertThat(accepted.localPort()).isEqualTo(80);
    assertThat(text(accepted.remoteAddress())).isEqualTo("10.0.0.7");
    assertThat(accepted.remotePort()).isEqualTo(40_001);
    assertThat(accepted.networkNamespace()).isEqualTo(4_026_532_001L);
    assertThat(accepted.pid()).isEqualTo(100);
    assertThat(accepted.listening()).isFalse();

    assertThat(text(found.get(5006L).remoteAddress())).isEqualTo("fe80:0:0:0:5054:ff:ff1d:adb6");
    assertThat(found.get(5001L).listening()).isTrue();
    assertThat(found.get(5003L).pid()).isEqualTo(101);
    assertThat(found.get(6001L).transport()).isEqualTo(Transport.UDP);
    assertThat(found.get(6001L).listening()).isFalse();
    assertThat(found.get(6002L).remotePort()).isEqualTo(53);
    assertThat(found.get(7001L).path()).isEqualTo("/run/postgresql/.s.PGSQL.5432");
    assertThat(found.get(7001L).listening()).isTrue();
    assertThat(found.get(7002L).transport()).isEqualTo(Transport.UNIX_STREAM);
    assertThat(found.get(7003L).path()).isEqualTo("@abstract name");
    assertThat(found.get(7003L).transport()).isEqualTo(Transport.UNIX_DATAGRAM);
    assertThat(found.get(7005L).path()).isEmpty();
    assertThat(found).doesNotContainKey(0L); // TIME_WAIT
    assertThat(found).doesNotContainKey(7006L); // held by nobody
  }

  @Test
  void aScopeAdmitsOnlyItsProcesses() {
    assertThat(connections(scope(Set.of(100), Set.of(), Set.of())))
        .containsExactly(5002L, 5003L, 5006L);
    assertThat(connections(scope(Set.of(101), Set.of(), Set.of()))).containsExactly(5003L, 5006L);
    assertThat(connections(scope(Set.of(), Set.of("nginx"), Set.of())))
        .containsExactly(5002L, 5003L, 5006L);
    assertThat(connections(scope(Set.of(), Set.of("java", "postgres"), Set.of())))
        .containsExactly(6001L, 6002L, 7002L, 7003L);
    assertThat(connections(scope(Set.of(300), Set.of("nginx"), Set.of()))).isEmpty();
    assertThat(connections(scope(Set.of(), Set.of(), Set.of(53)))).containsExactly(6001L, 6002L);
  }

  @Test
  void excludedPortsAndTheCollectorItselfAreLeftOut() {
    Scope without53 = new Scope(Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(53, 80));
    assertThat(connections(without53)).containsExactly(5003L, 7002L, 7003L, 7005L);

    SocketScan own = new SocketScan(Trees.proc(), ByteOrder.LITTLE_ENDIAN, 200);
    assertThat(own.open(Scope.ALL)).noneMatch(socket -> socket.inode() == 6001);
  }

  @Test
  void cgroupsWithAllBelow() {
    assertThat(connections(cgroup("/sys/fs/cgroup/system.slice")))
        .containsExactly(5002L, 5003L, 5006L);
    assertThat(connections(cgroup("/sys/fs/cgroup/unified/kubepods.slice")))
        .containsExactly(6001L, 6002L, 7002L, 7003L); // hybrid host
    assertThat(connections(cgroup("/sys/fs/cgroup/system"))).isEmpty();
    assertThat(connections(cgroup("/sys/fs/cgroup"))).hasSize(8);
  }

  @Test
  void aNamespaceThatIsGoneHoldsNothing() {
    Scope gone =
        new Scope(
            Set.of(Path.of("/run/netns/none-of-that-name")),
            Set.of(),
            Set.of(),
            Set.of(),
            Set.of(),
            Set.of());

    assertThat(scan.open(gone)).isEmpty();
  }

  @Test
  void abandonedIsWhatNoProcessHolds() {
    assertThat(scan.abandoned(Set.of(5002L, 5003L, 7006L))).containsExactly(7006L);
  }

  private static String text(ByteBuffer address) throws UnknownHostException {
    byte[] bytes = new byte[address.remaining()];
    address.duplicate().get(bytes);
    return InetAddress.getByAddress(bytes).getHostAddress();
  }

  private List<Long> connections(Scope scope) {
    List<Long> inodes = new ArrayList<>();
    byInode(scope).values().stream()
        .filter(socket -> socket.pid() != 0 && !socket.listening())
        .forEach(socket -> inodes.add(socket.inode()));
    return inodes;
  }

  private Map<Long, OpenSocket> byInode(Scope scope) {
    Map<Long, OpenSocket> found = new TreeMap<>();
    scan.open(scope).forEach(socket -> found.put(socket.inode(), socket));
    return found;
  }

  private static Scope scope(Set<Integer> pids, Set<String> comms, Set<Integer> ports) {
    return new Scope(Set.of(), Set.of(), pids, comms, ports, Set.of());
  }

  private static Scope cgroup(String directory) {
    return new Scope(Set.of(), Set.of(Path.of(directory)), Set.of(), Set.of(), Set.of(), Set.of());
  }
}
