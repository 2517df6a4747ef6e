package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Requests inside TLS: rows equal the servers' logs, on both sides, tied to each other. */
class TlsTest {
  private static Stack stack;
  private static Certificate certificate;

  @BeforeAll
  static void start() {
    stack = Stack.get();
    certificate = new Certificate(stack.lab);
  }

  @AfterAll
  static void account() {
    Accounting.holds(stack);
  }

  @Test
  void curlAndNginx() {
    try (Nginx nginx = new Nginx(stack.lab, 18443, certificate)) {
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
    try (Nginx nginx = new Nginx(stack.lab, 18444, certificate)) {
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
      python.add(certificate.certificate.toString());
      List<String> wget = new ArrayList<>(List.of("wget", "-q", "-O", "/dev/null"));
      wget.add("--ca-certificate=" + certificate.certificate);
      for (int i = 0; i < 3; i++) {
        python.addAll(List.of(nginx.url("/users/" + i), nginx.url("/missing")));
        wget.addAll(List.of(nginx.url("/users/" + i), nginx.url("/1mb.bin")));
      }
      stack.lab.onClient(python.toArray(String[]::new));
      stack.lab.onClient(wget.toArray(String[]::new));
      equalsLog(nginx);
      assertThat(clients(18444)).contains(List.of("wget", "6")).hasSize(2);
    }
  }

  @Test
  void goServerAndClient() throws IOException {
    Path program = stack.lab.work.resolve("https");
    Path source = Path.of(System.getProperty("kymo.root"), "acceptance/src/test/go/https.go");
    Shell.run("go", "build", "-o", program.toString(), source.toString()).orFail();
    Path log = stack.lab.directory("go").resolve("requests.log");
    String address = Lab.SERVER4 + ":18445";
    Process server =
        stack.lab.startOnServer(
            "go",
            program.toString(),
            "serve",
            address,
            certificate.certificate.toString(),
            certificate.key.toString(),
            log.toString());
    try {
      Await.that(
          "the Go server listens",
          () -> stack.lab.on(stack.lab.client, "curl", "-sk", "https://" + address).exit() == 0);
      List<String> get = new ArrayList<>(List.of(program.toString(), "get"));
      get.addAll(List.of(certificate.certificate.toString(), "5"));
      for (String path : List.of("/a", "/missing", "/large", "/broken")) {
        get.add("https://" + address + path);
      }
      stack.lab.onClient(get.toArray(String[]::new));
      List<String> requests = Files.readAllLines(Await.settled(log));
      assertThat(requests).hasSize(21);
      for (String side : List.of("server", "client")) {
        String rows = "observed_at = '" + side + "' AND server_port = 18445 AND tls";
        assertThat(stack.awaitCount(rows, requests.size())).as(side).isEqualTo(requests.size());
        assertThat(
                tally(
                    stack.sql(
                        "SELECT operation, attributes['url.path'], status_code FROM requests WHERE "
                            + rows)))
            .as(side)
            .isEqualTo(
                requests.stream().collect(Collectors.groupingBy(l -> l, Collectors.counting())));
      }
      assertThat(untied(18445)).isEmpty();
    } finally {
      Shell.end(server);
    }
  }

  @Test
  void psqlAndPostgres() {
    try (Postgres server = new Postgres(stack.lab, 15440, certificate)) {
      for (int i = 0; i < 3; i++) {
        server.psql("-q", "-c", "SELECT " + i + " AS n; SELECT 'planted-secret' AS s").orFail();
        server.psql("-q", "-c", "SELECT * FROM no_such_table");
      }
      server.psql("-q", "-c", "SELECT repeat('x', 3000) FROM generate_series(1, 100)").orFail();
      int statements = server.statements().size();
      assertThat(statements).isGreaterThanOrEqualTo(7);
      for (String side : List.of("server", "client")) {
        String rows = server.rows(side) + " AND tls";
        assertThat(stack.awaitCount(rows, statements)).as(side).isEqualTo(statements);
        assertThat(stack.count(rows + " AND status_code = '42P01'")).as(side).isEqualTo(3);
      }
      assertThat(untied(15440)).isEmpty();
      assertThat(stack.count("server_port = 15440 AND statement LIKE '%planted%'")).isZero();
    }
  }

  @Test
  void handshakes() {
    try (Nginx nginx = new Nginx(stack.lab, 18446, certificate)) {
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
                  + " FROM requests WHERE server_port = 18446 AND protocol = 'tls' AND resource != '' ORDER BY observed_at, time",
              found -> found.size() == 6);
      List<List<String>> expected = new ArrayList<>();
      for (String side : List.of("client", "server")) {
        expected.add(List.of(side, Certificate.NAME, "ok", "", "1.2"));
        expected.add(List.of(side, Certificate.NAME, "ok", "", "1.3"));
        expected.add(List.of(side, Certificate.NAME, "server_error", "unknown_ca", "1.2"));
      }
      assertThat(rows).isEqualTo(expected);
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
        new ArrayList<>(List.of("curl", "-s", "--cacert", certificate.certificate.toString()));
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
    Map<String, Long> expected = tally(log.stream().map(line -> line.subList(0, 3)).toList());
    for (String side : List.of("server", "client")) {
      String rows = nginx.rows(side) + " AND protocol = 'http' AND tls";
      assertThat(stack.awaitCount(rows, log.size())).as(side).isEqualTo(log.size());
      assertThat(
              tally(
                  stack.sql(
                      "SELECT operation, attributes['url.path'], status_code FROM requests WHERE "
                          + rows)))
          .as(side)
          .isEqualTo(expected);
    }
    assertThat(untied(nginx.port)).as("exchanges not seen exactly once from each side").isEmpty();
  }

  private static List<List<String>> untied(int port) {
    return stack.sql(
        "SELECT exchange_id, groupArray(observed_at), any(protocol), any(attributes['url.path']) FROM requests WHERE server_port = "
            + port
            + " AND tls GROUP BY exchange_id HAVING count() != 2 OR uniqExact(observed_at) != 2 LIMIT 10");
  }

  private static Map<String, Long> tally(List<List<String>> rows) {
    return rows.stream()
        .map(row -> String.join(" ", row))
        .collect(Collectors.groupingBy(line -> line, Collectors.counting()));
  }
}
