package io.kymo.collector.tls;

import io.kymo.collector.driver.FunctionProbes.GoLayout;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What differs between versions of Go, in one table. A version that is not in it is not watched:
 * nothing is guessed.
 */
final class GoVersions {
  private static final Pattern VERSION = Pattern.compile("go1\\.(\\d{1,4})(?:[. -].*|[a-z].*)?");

  /**
   * @param from first and last minor version (1.x) that it holds for
   * @param conn offset of the interface conn in crypto/tls.Conn (src/crypto/tls/conn.go)
   * @param netFd offset of *netFD in net.TCPConn (src/net/tcpsock.go, net.go)
   * @param descriptor offset of Sysfd in net.netFD (src/net/fd_posix.go,
   *     src/internal/poll/fd_unix.go: behind fdMutex, 16 bytes)
   */
  private record Row(int from, int to, int conn, int netFd, int descriptor) {}

  // 1.17 has the register ABI, too, but another table of functions (see PcLineTable)
  private static final List<Row> TABLE = List.of(new Row(18, 24, 0, 0, 16));

  private GoVersions() {}

  /**
   * @param version as a program's build information gives it, "go1.19.8"
   * @param tcpType see {@link GoLayout}
   * @return null when the version is not known
   */
  static GoLayout layout(String version, long tcpType) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      return null;
    }
    int minor = Integer.parseInt(matcher.group(1));
    for (Row row : TABLE) {
      if (minor >= row.from && minor <= row.to) {
        return new GoLayout(tcpType, row.conn, row.netFd, row.descriptor);
      }
    }
    return null;
  }
}
