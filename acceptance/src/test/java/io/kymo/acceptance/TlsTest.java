package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Requests inside TLS: rows equal the servers' logs, on both sides, tied to each other; as told by
 * the stack's collector, and by a second one that gets its events through perf buffers.
 */
class TlsTest {
  private static final Path ROOT = Path.of(System.getProperty("kymo.root"));
  private static final String PERF = "perf";
  private static final List<String> REFUSED =
      List.of("server", Certificate.NAME, "server_error", "unknown_ca", "1.2");
  private static final String USES_GNUTLS =
      "import ctypes, time; ctypes.CDLL('libgnutls.so.30'); time.sleep(120)";
  private static final String NODE = "if(observed_at = 'client', client_node, server_node)";

  /** Conditions that choose the rows of one collector. */
  private static final List<String> COLLECTORS =
      List.of(NODE + " != '" + PERF + "'", NODE + " = '" + PERF + "'");

  private static Stack stack;
  private static SecondCollector perf;
  private static Certificate certificate;

  @BeforeAll
  static void start() {
    stack = Stack.get();
    certificate = new Certificate(stack.lab);
    perf = new SecondCollector(stack, PERF, "capture.driver=ebpf", "capture.transport=perfbuf");
  }

  @AfterAll
  static void account() {
    perf.close();
    Accounting.holds(stack);
  }

  @Test
  void curlAndNginx() {
    try (Nginx nginx = nginx(18443)) {
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
    try (Nginx nginx = nginx(18444)) {
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
      Process user = stack.lab.startOnServer("gnutls", "/usr/bin/python3", "-c", USES_GNUTLS);
      try {
        watched("libgnutls.so.30");
        Stack.pause(2_000); // it may have been let go before
        stack.lab.onClient(wget.toArray(String[]::new));
      } finally {
        Shell.end(user);
      }
      equalsLog(nginx);
      assertThat(clients(18444)).contains(List.of("wget", "" + 6 * COLLECTORS.size())).hasSize(2);
    }
  }

  @Test
  void goServerAndClient() throws IOException {
    Path program = stack.lab.work.resolve("https");
    Path source = ROOT.resolve("acceptance/src/test/go/https.go");
    Shell.run("go", "build", "-o", program.toString(), source.toString()).orFail();
    servesAndGets(program, program.toString(), 18445);
  }

  @Test
  void openSslWithinTheProgram() throws IOException {
    Path program = build("static", "-Wl,-Bstatic", "-lssl", "-lcrypto", "-Wl,-Bdynamic", "-ldl");
    servesAndGets(program, program.toString(), 18447);
  }

  @Test
  void openSsl11() throws IOException {
    Path home = ROOT.resolve(".kymo/openssl11");
    Shell.run(ROOT.resolve("acceptance/bin/install-openssl11").toString(), home.toString())
        .orFail();
    Path headers = home.resolve("unpacked/usr/include");
    Path libraries = home.resolve("unpacked/usr/lib/x86_64-linux-gnu");
    Path program =
        build(
            "openssl11",
            "-I" + headers,
            "-I" + headers.resolve("x86_64-linux-gnu"),
            "-L" + libraries,
            "-l:libssl.so.1.1",
            "-l:libcrypto.so.1.1",
            // the old kind of path counts for libcrypto, too, which libssl wants
            "-Wl,--disable-new-dtags,-rpath," + libraries);
    servesAndGets(program, "libssl.so.1.1", 18448);
  }

  /** With its library watched: the first connection of all may be earlier. */
  private static Nginx nginx(int port) {
    Nginx nginx = new Nginx(stack.lab, port, certificate);
    watched("libssl.so.3");
    return nginx;
  }

  /** Waits until both collectors watch a file, whose version may follow. */
  private static void watched(String file) {
    Pattern line = Pattern.compile("watches TLS: \\S*" + Pattern.quote(file) + "[.0-9]*: ");
    Await.that(
        line.pattern(),
        () -> line.matcher(stack.log("collector")).find() && line.matcher(perf.log()).find());
  }

  /** Compiles acceptance/src/test/c/https.c. */
  private static Path build(String name, String... options) {
    Path program = stack.lab.work.resolve("https-" + name);
    List<String> command =
        new ArrayList<>(List.of("gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"));
    command.addAll(List.of("-o", program.toString()));
    command.add(ROOT.resolve("acceptance/src/test/c/https.c").toString());
    command.addAll(List.of(options));
    Shell.run(command, Map.of(), null).orFail();
    return program;
  }

  /**
   * Lets a program that is server and client talk to itself; its own log is the judge.
   *
   * @param watched what the collectors say they watch
   */
  private static void servesAndGets(Path program, String watched, int port) throws IOException {
    Path log = stack.lab.directory("https-" + port).resolve("requests.log");
    String address = Lab.SERVER4 + ":" + port;
    Process server =
        stack.lab.startOnServer(
            "https-" + port,
            program.toString(),
            "serve",
            address,
            certificate.certificate.toString(),
            certificate.key.toString(),
            log.toString());
    try {
      watched(watched);
      Await.that(
          "the server listens",
          () -> stack.lab.on(stack.lab.client, "curl", "-sk", "https://" + address).exit() == 0);
      List<String> get = new ArrayList<>(List.of(program.toString(), "get"));
      get.addAll(List.of(certificate.certificate.toString(), "5"));
      for (String path : List.of("/a", "/missing", "/large", "/broken")) {
        get.add("https://" + address + path);
      }
      stack.lab.onClient(get.toArray(String[]::new));
      List<String> requests = Files.readAllLines(Await.settled(log));
      assertThat(requests).hasSize(21);
      for (String side : sides()) {
        String rows = side + " AND server_port = " + port + " AND tls";
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
      assertThat(untied(port)).isEmpty();
    } finally {
      Shell.end(server);
    }
  }

  @Test
  void psqlAndPostgres() {
    try (Postgres server = new Postgres(stack.lab, 15440, certificate)) {
      watched("libssl.so.3");
      for (int i = 0; i < 3; i++) {
        server.psql("-q", "-c", "SELECT " + i + " AS n; SELECT 'planted-secret' AS s").orFail();
        server.psql("-q", "-c", "SELECT * FROM no_such_table");
      }
      server.psql("-q", "-c", "SELECT repeat('x', 3000) FROM generate_series(1, 100)").orFail();
      int statements = server.statements().size();
      assertThat(statements).isGreaterThanOrEqualTo(7);
      for (String side : sides()) {
        String rows = side + " AND " + server.rows() + " AND tls";
        assertThat(stack.awaitCount(rows, statements)).as(side).isEqualTo(statements);
        assertThat(stack.count(rows + " AND status_code = '42P01'")).as(side).isEqualTo(3);
      }
      assertThat(untied(15440)).isEmpty();
      assertThat(stack.count("server_port = 15440 AND statement LIKE '%planted%'")).isZero();
    }
  }

  @Test
  void handshakes() {
    try (Nginx nginx = nginx(18446)) {
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
                  + NODE,
              found -> found.size() == 6 * COLLECTORS.size());
      List<List<String>> expected = new ArrayList<>();
      for (String side : List.of("client", "server")) {
        for (List<String> outcome :
            List.of(
                List.of("ok", "", "1.2"),
                List.of("ok", "", "1.3"),
                List.of("server_error", "unknown_ca", "1.2"))) {
          List<String> row = new ArrayList<>(List.of(side, Certificate.NAME));
          row.addAll(outcome);
          expected.addAll(Collections.nCopies(COLLECTORS.size(), row));
        }
      }
      // a client that closes with bytes unread may reset before its alert is read
      assertThat(rows.stream().map(row -> row.contains("reset") ? REFUSED : row).toList())
          .isEqualTo(expected);
    }
  }

  /** Conditions: each side as each collector saw it. */
  private static List<String> sides() {
    List<String> sides = new ArrayList<>();
    for (String collector : COLLECTORS) {
      sides.add("observed_at = 'server' AND " + collector);
      sides.add("observed_at = 'client' AND " + collector);
    }
    return sides;
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
    for (String side : sides()) {
      String rows = side + " AND " + nginx.rows() + " AND protocol = 'http' AND tls";
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
        "SELECT exchange_id, "
            + NODE
            + " AS node, groupArray(observed_at), any(protocol), any(attributes['url.path']) FROM requests WHERE server_port = "
            + port
            + " AND tls GROUP BY exchange_id, node HAVING count() != 2 OR uniqExact(observed_at) != 2 LIMIT 10");
  }

  private static Map<String, Long> tally(List<List<String>> rows) {
    return rows.stream()
        .map(row -> String.join(" ", row))
        .collect(Collectors.groupingBy(line -> line, Collectors.counting()));
  }
}
