package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Requests inside TLS: rows equal the servers' logs, on both sides, tied to each other; as told by
 * the stack's collector, and by a second one that gets its events through perf buffers.
 */
class TlsTest {
  private static final List<String> REFUSED =
      List.of("server", Certificate.NAME, "server_error", "unknown_ca", "1.2");

  private static TlsCollectors tls;
  private static Stack stack;

  @BeforeAll
  static void start() {
    tls = new TlsCollectors();
    stack = tls.stack;
  }

  @AfterAll
  static void account() {
    tls.close();
  }

  @Test
  void curlAndNginx() {
    try (Nginx nginx = new Nginx(stack.lab, 18443, tls.certificate)) {
      for (int i = 0; i < 5; i++) {
        curl(nginx.url("/users/" + i));
        curl(nginx.url("/missing"), nginx.url("/broken"), nginx.url("/index.html"));
      }
      curl("-d", "a=planted-secret", nginx.url("/users/post"));
      curl(nginx.url("/1mb.bin"), nginx.url("/index.html"));
      equalsLog(nginx);
    }
  }

  @Test
  void pythonAndWgetWithGnutls() throws IOException {
    try (Nginx nginx = new Nginx(stack.lab, 18444, tls.certificate)) {
      Path script = stack.lab.work.resolve("ask.py");
      Files.writeString(
          script,
          String.join(
              "\n",
              "import ssl, sys, urllib.error, urllib.request",
              "trust = ssl.create_default_context(cafile=sys.argv[1])",
              "for url in sys.argv[2:]:",
              "    try:",
              "        urllib.request.urlopen(url, context=trust).read()",
              "    except urllib.error.HTTPError as e:",
              "        e.read()"));
      List<String> python = new ArrayList<>(List.of("/usr/bin/python3", script.toString()));
      python.add(tls.certificate.certificate.toString());
      List<String> wget = new ArrayList<>(List.of("wget", "-q", "-O", "/dev/null"));
      wget.add("--ca-certificate=" + tls.certificate.certificate);
      for (int i = 0; i < 3; i++) {
        python.addAll(List.of(nginx.url("/users/" + i), nginx.url("/missing")));
        wget.addAll(List.of(nginx.url("/users/" + i), nginx.url("/1mb.bin")));
      }
      stack.lab.onClient(python.toArray(String[]::new));
      stack.lab.onClient(wget.toArray(String[]::new));
      equalsLog(nginx);
      assertThat(clients(18444))
          .contains(List.of("wget", "" + 6 * TlsCollectors.EACH.size()))
          .hasSize(2);
    }
  }

  @Test
  void psqlAndPostgres() {
    try (Postgres server = new Postgres(stack.lab, 15440, tls.certificate)) {
      for (int i = 0; i < 3; i++) {
        server.psql("-q", "-c", "SELECT " + i + " AS n; SELECT 'planted-secret' AS s").orFail();
        server.psql("-q", "-c", "SELECT * FROM no_such_table");
      }
      server.psql("-q", "-c", "SELECT repeat('x', 3000) FROM generate_series(1, 100)").orFail();
      int statements = server.statements().size();
      assertThat(statements).isGreaterThanOrEqualTo(7);
      for (String side : TlsCollectors.sides()) {
        String rows = side + " AND " + server.rows() + " AND tls";
        assertThat(stack.awaitCount(rows, statements)).as(side).isEqualTo(statements);
        assertThat(stack.count(rows + " AND status_code = '42P01'")).as(side).isEqualTo(3);
      }
      assertThat(tls.untied(15440)).isEmpty();
      assertThat(stack.count("server_port = 15440 AND statement LIKE '%planted%'")).isZero();
    }
  }

  @Test
  void handshakes() {
    try (Nginx nginx = new Nginx(stack.lab, 18446, tls.certificate)) {
      String url = "https://" + Certificate.NAME + ":18446/users/1";
      String there = Certificate.NAME + ":18446:" + Lab.SERVER4;
      curl("--resolve", there, "--tls-max", "1.2", url);
      curl("--resolve", there, "--tlsv1.3", url);
      Shell.Result refused =
          stack.lab.on(stack.lab.client, "curl", "-s", "--resolve", there, "--tls-max", "1.2", url);
      assertThat(refused.exit()).isEqualTo(60); // the certificate's signer is not known
      equalsLog(nginx);
      String columns =
          "observed_at, resource, status, error_type, attributes['tls.protocol.version']";
      List<List<String>> rows =
          stack.await(
              "SELECT "
                  + columns
                  + " FROM requests WHERE server_port = 18446 AND protocol = 'tls' AND resource != '' ORDER BY observed_at, time, "
                  + TlsCollectors.NODE,
              found -> found.size() == 6 * TlsCollectors.EACH.size());
      List<List<String>> expected = new ArrayList<>();
      for (String side : List.of("client", "server")) {
        for (List<String> outcome :
            List.of(
                List.of("ok", "", "1.2"),
                List.of("ok", "", "1.3"),
                List.of("server_error", "unknown_ca", "1.2"))) {
          List<String> row = new ArrayList<>(List.of(side, Certificate.NAME));
          row.addAll(outcome);
          expected.addAll(Collections.nCopies(TlsCollectors.EACH.size(), row));
        }
      }
      // a client that closes with bytes unread may reset before its alert is read
      assertThat(rows.stream().map(row -> row.contains("reset") ? REFUSED : row).toList())
          .isEqualTo(expected);
    }
  }

  /** HTTP/2 is not read, but both sides call it that, whoever speaks first. */
  @Test
  void http2() {
    int port = 18459;
    try (Nginx nginx = new Nginx(stack.lab, port, tls.certificate, "ssl http2")) {
      for (int i = 0; i < 3; i++) {
        curl("--http2", nginx.url("/users/" + i), nginx.url("/index.html"));
      }
      assertThat(nginx.accessLog()).hasSize(6);
      // with the one that asked whether it is ready
      List<List<String>> expected = new ArrayList<>();
      for (String role : List.of("client", "server")) {
        expected.add(List.of(role, "http2", "" + 4 * TlsCollectors.EACH.size()));
      }
      String connections =
          "SELECT role, opaque_reason, count() FROM connections WHERE tls AND state = 'closed' AND "
              + port
              + " IN (local_port, remote_port) GROUP BY role, opaque_reason ORDER BY role";
      assertThat(stack.await(connections, expected::equals)).isEqualTo(expected);
      assertThat(stack.count("tls AND server_port = " + port)).isZero();
    }
  }

  private static List<List<String>> clients(int port) {
    return stack.sql(
        "SELECT client_process, toString(count()) FROM requests WHERE observed_at = 'client' AND tls AND server_port = "
            + port
            + " AND attributes['url.path'] != '/ready' GROUP BY client_process ORDER BY client_process");
  }

  private static void curl(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("curl", "-s", "--cacert", tls.certificate.certificate.toString()));
    for (String argument : arguments) {
      if (argument.startsWith("https:")) {
        command.addAll(List.of("-o", "/dev/null"));
      }
      command.add(argument);
    }
    stack.lab.onClient(command.toArray(String[]::new));
  }

  /** Both sides have the log's lines, and the sides are tied to each other one to one. */
  private static void equalsLog(Nginx nginx) {
    List<List<String>> log = nginx.accessLog();
    assertThat(log).isNotEmpty();
    Map<String, Long> expected =
        TlsCollectors.tally(
            log.stream().map(line -> String.join(" ", line.subList(0, 3))).toList());
    for (String side : TlsCollectors.sides()) {
      String rows = side + " AND " + nginx.rows() + " AND protocol = 'http' AND tls";
      assertThat(stack.awaitCount(rows, log.size())).as(side).isEqualTo(log.size());
      assertThat(tls.tally(rows)).as(side).isEqualTo(expected);
    }
    assertThat(tls.untied(nginx.port))
        .as("exchanges not seen exactly once from each side")
        .isEmpty();
  }
}
