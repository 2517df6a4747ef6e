package io.kymo.acceptance.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.acceptance.Stack;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * TLS of a guest's run, judged by nginx's log: what is inside of it with eBPF, and with every
 * driver the handshakes and the account of the encrypted bytes.
 */
final class GuestTls {
  private static final int PORT = 8443;

  /** The driver that all others are compared with. */
  private static final String REFERENCE = "ebpf-ring";

  // cells of a line of tls.log
  private static final int CONNECTION = 3;
  private static final int NAME = 4;
  private static final int VERSION = 5;

  private final Stack stack;
  private final GuestRun run;
  private final String driver;
  private final List<List<String>> log;

  GuestTls(Stack stack, GuestRun run, String driver) throws IOException {
    this.stack = stack;
    this.run = run;
    this.driver = driver;
    this.log = run.log("tls.log").stream().map(line -> List.of(line.split("\t", -1))).toList();
  }

  /** Asserts all of it, and says what was seen. */
  String holds() throws IOException {
    boolean inside = driver.startsWith("ebpf");
    Map<String, List<String>> connections = new TreeMap<>();
    Map<String, Long> asked = new TreeMap<>();
    for (List<String> line : log) {
      connections.put(
          line.get(CONNECTION), List.of(line.get(NAME), line.get(VERSION).replace("TLSv", "")));
      asked.merge(String.join(" ", line.subList(0, CONNECTION)), 1L, Long::sum);
    }
    assertThat(log).hasSizeGreaterThan(25);
    assertThat(connections).hasSize(4);
    for (String side : List.of("server", "client")) {
      String plaintext = rows(driver, side) + " AND tls";
      long wanted = inside ? log.size() : 0;
      assertThat(stack.reach(plaintext, wanted)).as(side).isEqualTo(wanted);
      if (inside) {
        assertThat(tally(plaintext)).as(side).isEqualTo(asked);
        assertThat(exchanges(plaintext))
            .as("told by %s as by %s", driver, REFERENCE)
            .isEqualTo(exchanges(rows(REFERENCE, side) + " AND tls"));
      }
      handshakes(side, new ArrayList<>(connections.values()));
    }
    accounts(inside, connections.size());
    return (inside ? log.size() + " inside TLS" : "nothing inside TLS")
        + ", "
        + connections.size()
        + " handshakes";
  }

  /** Every connection's, with what nginx says of it; the cipher as the other drivers see it. */
  private void handshakes(String side, List<List<String>> expected) throws IOException {
    String handshakes = rows(driver, side) + " AND protocol = 'tls'";
    assertThat(stack.reach(handshakes, expected.size())).as(side).isEqualTo(expected.size());
    List<List<String>> seen =
        stack.sql(
            "SELECT resource, attributes['tls.protocol.version'] FROM requests WHERE "
                + handshakes
                + " AND status = 'ok' AND attributes['tls.cipher'] != '' ORDER BY 1, 2");
    expected.sort((a, b) -> a.toString().compareTo(b.toString()));
    assertThat(seen).as(side).isEqualTo(expected);
    assertThat(handshakeRows(handshakes))
        .as("told by %s as by %s", driver, REFERENCE)
        .isEqualTo(handshakeRows(rows(REFERENCE, side) + " AND protocol = 'tls'"));
  }

  /**
   * Of no connection anything is missing: the encrypted bytes are a handshake and opaque behind it,
   * the same with every driver; the plaintext is requests and responses.
   */
  private void accounts(boolean inside, int connections) throws IOException {
    String missing =
        "SELECT tls, opaque_reason, opaque_bytes > 0, count() FROM connections WHERE "
            + ended(driver)
            + " AND gap_bytes + pending_bytes + duplicate_bytes = 0 AND decoded_bytes > 0"
            + " AND ingress_bytes + egress_bytes = decoded_bytes + skipped_bytes + truncated_bytes + opaque_bytes"
            + " GROUP BY ALL ORDER BY tls";
    List<List<String>> expected = new ArrayList<>();
    String each = "" + 2 * connections;
    expected.add(List.of("false", "tls", "1", each));
    if (inside) {
      expected.add(List.of("true", "", "0", each));
    }
    assertThat(stack.await(missing, expected::equals)).isEqualTo(expected);
    assertThat(encrypted(driver)).isEqualTo(encrypted(REFERENCE));
  }

  private List<List<String>> encrypted(String of) throws IOException {
    return stack.sql(
        "SELECT role, local_address, local_port, remote_address, remote_port, ingress_bytes, egress_bytes, decoded_bytes, opaque_bytes FROM connections WHERE NOT tls AND "
            + ended(of)
            + " ORDER BY ALL");
  }

  /** Connections that were opened and closed by the run's clients. */
  private String ended(String of) throws IOException {
    return "state = 'closed' AND node = '"
        + run.node(of)
        + "' AND "
        + PORT
        + " IN (local_port, remote_port) AND opened > toDateTime64('"
        + run.log("begin").get(0)
        + "', 9)";
  }

  private String rows(String of, String side) throws IOException {
    return "server_port = "
        + PORT
        + " AND observed_at = '"
        + side
        + "' AND "
        + side
        + "_node = '"
        + run.node(of)
        + "' AND time > toDateTime64('"
        + run.log("begin").get(0)
        + "', 9)";
  }

  private Map<String, Long> tally(String rows) {
    Map<String, Long> tally = new TreeMap<>();
    for (List<String> row :
        stack.sql(
            "SELECT operation, attributes['url.path'], status_code, count() FROM requests WHERE protocol = 'http' AND "
                + rows
                + " GROUP BY 1, 2, 3")) {
      tally.put(String.join(" ", row.subList(0, 3)), Long.parseLong(row.get(3)));
    }
    return tally;
  }

  private List<List<String>> exchanges(String rows) {
    return stack.sql(
        "SELECT exchange_id, operation, attributes['url.path'], status_code, status, request_bytes, response_bytes,"
            + " client_address, client_port, server_address FROM requests WHERE "
            + rows
            + " ORDER BY exchange_id");
  }

  private List<List<String>> handshakeRows(String rows) {
    return stack.sql(
        "SELECT exchange_id, resource, status, attributes['tls.protocol.version'], attributes['tls.cipher'],"
            + " client_address, client_port, server_address FROM requests WHERE "
            + rows
            + " ORDER BY exchange_id");
  }
}
