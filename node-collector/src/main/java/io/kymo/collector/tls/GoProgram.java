package io.kymo.collector.tls;

import io.kymo.collector.driver.FunctionProbes.GoLayout;
import io.kymo.collector.driver.FunctionProbes.Probe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The functions of Go's crypto/tls in a Go program. */
final class GoProgram {
  private static final String READ = "crypto/tls.(*Conn).Read";
  private static final String WRITE = "crypto/tls.(*Conn).Write";
  private static final String CLIENT = "crypto/tls.(*Conn).clientHandshake";
  private static final String SERVER = "crypto/tls.(*Conn).serverHandshake";

  /** The table that makes a *net.TCPConn a net.Conn, before and since Go 1.20. */
  private static final Set<String> TCP_TYPE =
      Set.of("go.itab.*net.TCPConn,net.Conn", "go:itab.*net.TCPConn,net.Conn");

  private static final int DYNAMIC = 3; // ET_DYN: addresses are not known before it runs

  private GoProgram() {}

  /**
   * @param version as its build information gives it
   * @return null when there is no TLS in it
   */
  static TlsCode in(ElfFile file, String version) throws IOException {
    Map<String, PcLineTable.Function> found;
    try {
      found = new PcLineTable(file).find(Set.of(READ, WRITE, CLIENT, SERVER));
    } catch (IOException e) {
      return new TlsCode("go", version, List.of(), null, e.getMessage());
    }
    PcLineTable.Function read = found.get(READ);
    PcLineTable.Function write = found.get(WRITE);
    if (read == null || write == null) {
      return null;
    }
    GoLayout layout = GoVersions.layout(version, tcpType(file));
    if (layout == null) {
      return new TlsCode("go", version, List.of(), null, "this version of Go is not known");
    }
    if (read.returns().isEmpty() || write.returns().isEmpty()) {
      return new TlsCode("go", version, List.of(), null, "no return of its functions was found");
    }
    List<Probe> probes = new ArrayList<>();
    for (PcLineTable.Function function : List.of(read, write)) {
      for (long offset : function.returns()) {
        probes.add(new Probe("tls_go_return", offset, false));
      }
    }
    for (String name : List.of(CLIENT, SERVER)) {
      if (found.containsKey(name)) {
        probes.add(new Probe("tls_go_handshake", found.get(name).entry(), false));
      }
    }
    probes.add(new Probe("tls_go_read", read.entry(), false));
    probes.add(new Probe("tls_go_write", write.entry(), false));
    return new TlsCode("go", version, probes, layout, null);
  }

  private static long tcpType(ElfFile file) throws IOException {
    return file.type() == DYNAMIC ? 0 : Symbols.address(file, TCP_TYPE);
  }
}
