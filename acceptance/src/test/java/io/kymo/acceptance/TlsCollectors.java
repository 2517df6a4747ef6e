package io.kymo.acceptance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The stack's collector, and a second one that gets its events through perf buffers: what both say
 * of TLS. As long as this is open, a process uses the host's OpenSSL and GnuTLS, so that they stay
 * watched.
 */
final class TlsCollectors implements AutoCloseable {
  /** The node of the collector that a row of {@code requests} comes from. */
  static final String NODE = "if(observed_at = 'client', client_node, server_node)";

  private static final String PERF = "perf";

  /** Conditions that choose the rows of one collector. */
  static final List<String> EACH = List.of(NODE + " != '" + PERF + "'", NODE + " = '" + PERF + "'");

  private static final String USES_BOTH =
      "import ctypes, threading;"
          + "ctypes.CDLL('libssl.so.3'); ctypes.CDLL('libgnutls.so.30');"
          + "threading.Event().wait()";

  final Stack stack;
  final Certificate certificate;
  private final SecondCollector perf;
  private final Process user;

  TlsCollectors() {
    stack = Stack.get();
    certificate = new Certificate(stack.lab);
    perf = new SecondCollector(stack, PERF, "capture.driver=ebpf", "capture.transport=perfbuf");
    user = stack.lab.startOnServer("tls-user", "/usr/bin/python3", "-c", USES_BOTH);
    watched("-linux-gnu/libssl.so.3");
    watched("-linux-gnu/libgnutls.so.30");
  }

  /** Waits until both collectors watch a file, by the end of its path; a version may follow. */
  void watched(String file) {
    Pattern line =
        Pattern.compile("(no longer )?watches TLS: (\\S*" + Pattern.quote(file) + "[.0-9]*): ");
    Await.that(
        line.pattern(), () -> watches(stack.log("collector"), line) && watches(perf.log(), line));
  }

  private static boolean watches(String log, Pattern line) {
    Map<String, Boolean> watched = new HashMap<>();
    line.matcher(log).results().forEach(m -> watched.put(m.group(2), m.group(1) == null));
    return watched.containsValue(true);
  }

  /** Have both collectors said this? */
  boolean said(String text) {
    return stack.log("collector").contains(text) && perf.log().contains(text);
  }

  /** Conditions: each side as each collector saw it. */
  static List<String> sides() {
    List<String> sides = new ArrayList<>();
    for (String collector : EACH) {
      sides.add("observed_at = 'server' AND " + collector);
      sides.add("observed_at = 'client' AND " + collector);
    }
    return sides;
  }

  /** Exchanges inside TLS that one collector has not exactly once from each side. */
  List<List<String>> untied(int port) {
    return stack.sql(
        "SELECT exchange_id, "
            + NODE
            + " AS node, groupArray(observed_at), any(protocol), any(attributes['url.path']) FROM requests WHERE server_port = "
            + port
            + " AND tls GROUP BY exchange_id, node HAVING count() != 2 OR uniqExact(observed_at) != 2 LIMIT 10");
  }

  /** How often each "METHOD PATH STATUS" stands in the rows. */
  Map<String, Long> tally(String rows) {
    return tally(
        stack
            .sql(
                "SELECT operation, attributes['url.path'], status_code FROM requests WHERE " + rows)
            .stream()
            .map(row -> String.join(" ", row))
            .toList());
  }

  static Map<String, Long> tally(List<String> lines) {
    return lines.stream().collect(Collectors.groupingBy(line -> line, Collectors.counting()));
  }

  /** Ends what was started here; then all bytes must be accounted for. */
  @Override
  public void close() {
    Shell.end(user);
    // of what processes held together, their ends are found a moment later
    stack.await(
        "SELECT node FROM (SELECT * FROM connections ORDER BY time DESC LIMIT 1 BY node, connection_id)"
            + " WHERE pending_bytes > 0",
        List::isEmpty);
    perf.close();
    Accounting.holds(stack);
  }
}
