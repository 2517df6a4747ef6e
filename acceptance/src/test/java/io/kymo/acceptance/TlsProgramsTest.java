package io.kymo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Programs that are server and client, with libraries of all kinds, talk to themselves inside TLS:
 * the rows equal their own log.
 */
class TlsProgramsTest {
  private static final Path ROOT = Path.of(System.getProperty("kymo.root"));
  private static final Path SOURCES = ROOT.resolve("acceptance/src/test");
  private static final int TIMES = 5;
  private static final List<String> PATHS = List.of("/a", "/missing", "/large", "/broken");

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
  void goServerAndClient() throws IOException {
    Path program = buildGo();
    servesAndGets(program, program.toString(), 18445);
  }

  @Test
  void goOfAVersionThatIsNotKnown() throws IOException {
    Path known = buildGo();
    String version = Shell.run("go", "env", "GOVERSION").orFail().output().trim();
    String unknown = version.replaceFirst("go1\\.\\d+", "go1.99");
    assertThat(unknown).hasSameSizeAs(version);
    Path program = known.resolveSibling("https-unknown");
    Files.copy(known, program, StandardCopyOption.COPY_ATTRIBUTES);
    rewrite(program, version, unknown);
    int port = 18451;
    Path log = stack.lab.directory("https-" + port).resolve("requests.log");
    Process server = serve(program, port, log);
    try {
      String complaint =
          "TLS of " + program + " is not watched: go " + unknown + ": this version of Go is not";
      Await.that(complaint, () -> tls.said(complaint));
      get(program, port);
      assertThat(Files.readAllLines(Await.settled(log))).hasSize(TIMES * PATHS.size());
      for (String side : TlsCollectors.sides()) {
        String rows = side + " AND server_port = " + port;
        assertThat(stack.awaitCount(rows + " AND protocol = 'tls'", 1)).as(side).isEqualTo(1);
        assertThat(stack.count(rows + " AND protocol != 'tls'")).as(side).isZero();
      }
      assertThat(stack.kymo("status").output())
          .contains(program + ": go (" + unknown + "), not watched: this version of Go is not");
    } finally {
      Shell.end(server);
    }
  }

  @Test
  void openSslWithinTheProgram() throws IOException {
    Path program = build("static", "-Wl,-Bstatic", "-lssl", "-lcrypto", "-Wl,-Bdynamic", "-ldl");
    servesAndGets(program, program.toString(), 18447);
  }

  @Test
  void openSsl11() throws IOException {
    Path unpacked = install("openssl11");
    Path headers = unpacked.resolve("usr/include");
    Path libraries = unpacked.resolve("usr/lib/x86_64-linux-gnu");
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

  @Test
  void boringSsl() throws IOException {
    Path unpacked = install("boringssl");
    Path libraries = unpacked.resolve("usr/lib/x86_64-linux-gnu/android");
    Path program =
        build(
            "boringssl",
            "-I" + unpacked.resolve("usr/include/android"),
            "-L" + libraries,
            "-Wl,--no-as-needed", // libssl looks for libcrypto where Android's libraries belong
            "-l:libssl.so.0",
            "-l:libcrypto.so.0",
            "-Wl,--disable-new-dtags,-rpath," + libraries);
    servesAndGets(program, libraries.resolve("libssl.so.0").toString(), 18449);
    assertThat(stack.kymo("status").output())
        .contains(libraries.resolve("libssl.so.0") + ": boringssl (libssl.so.0), ");
  }

  /** asyncio gives OpenSSL's bytes to its sockets itself, and gets them from there. */
  @Test
  void pythonsEventLoop() throws IOException {
    servesAndGets(SOURCES.resolve("python/https.py"), "libcrypto.so.3", 18452);
  }

  /** So does Node.js, which has OpenSSL inside or in libraries. */
  @Test
  void node() throws IOException {
    String inside = "process.config.variables.node_shared_openssl ? '' : process.execPath";
    String program = Shell.run("node", "-p", inside).orFail().output().trim();
    servesAndGets(
        SOURCES.resolve("js/https.js"), program.isEmpty() ? "libcrypto.so.3" : program, 18453);
  }

  /** Two containers, each with a library that no other process can see. */
  @Test
  void withinContainers() throws IOException, InterruptedException {
    int port = 18450;
    Path program = build("dynamic", "-lssl", "-lcrypto");
    Path volume = stack.lab.directory("https-" + port);
    Files.copy(tls.certificate.certificate, volume.resolve("crt"));
    Files.copy(tls.certificate.key, volume.resolve("key"));
    String[] serve = {"serve", address(port), "/volume/crt", "/volume/key", "/volume/log"};
    List<String> get = new ArrayList<>(List.of("wait", "/volume/go"));
    get.addAll(getting(Path.of("/volume/crt"), port));
    Process server =
        stack.lab.startOnServer("in-server", contained("server", volume, program, serve));
    Process client =
        stack.lab.startOnClient(
            "in-client", contained("client", volume, program, get.toArray(String[]::new)));
    try {
      listens(port);
      tls.watched("/opt/server/libssl.so.3");
      tls.watched("/opt/client/libssl.so.3");
      Files.createFile(volume.resolve("go"));
      assertThat(client.waitFor()).isZero();
      rowsEqual(volume.resolve("log"), port);
    } finally {
      client.destroyForcibly();
      server.destroyForcibly(); // its first process takes no other signal
    }
  }

  private static String[] contained(String name, Path volume, Path program, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                SOURCES.resolve("sh/container").toString(),
                "/opt/" + name,
                volume.toString(),
                program.toString()));
    command.addAll(List.of(arguments));
    return command.toArray(String[]::new);
  }

  /** Unpacks a library by its script; returns where. */
  private static Path install(String name) {
    Path home = ROOT.resolve(".kymo/" + name);
    Shell.run(ROOT.resolve("acceptance/bin/install-" + name).toString(), home.toString()).orFail();
    return home.resolve("unpacked");
  }

  /** Compiles acceptance/src/test/go/https.go. */
  private static Path buildGo() {
    Path program = stack.lab.work.resolve("https");
    String source = SOURCES.resolve("go/https.go").toString();
    if (!Files.exists(program)) { // else another file, which is not watched yet
      Shell.run("go", "build", "-o", program.toString(), source).orFail();
    }
    return program;
  }

  /** Compiles acceptance/src/test/c/https.c. */
  private static Path build(String name, String... options) {
    Path program = stack.lab.work.resolve("https-" + name);
    List<String> command =
        new ArrayList<>(List.of("gcc", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread"));
    command.addAll(List.of("-o", program.toString(), SOURCES.resolve("c/https.c").toString()));
    command.addAll(List.of(options));
    Shell.run(command, Map.of(), null).orFail();
    return program;
  }

  /** Writes another text of the same length wherever this one is. */
  private static void rewrite(Path file, String from, String to) throws IOException {
    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, bytes.replace(from, to), StandardCharsets.ISO_8859_1);
  }

  private static String address(int port) {
    return Lab.SERVER4 + ":" + port;
  }

  /**
   * Lets a program serve and get.
   *
   * @param watched what the collectors say they watch
   */
  private static void servesAndGets(Path program, String watched, int port) throws IOException {
    Path log = stack.lab.directory("https-" + port).resolve("requests.log");
    Process server = serve(program, port, log);
    try {
      tls.watched(watched);
      get(program, port);
      rowsEqual(log, port);
    } finally {
      Shell.end(server);
    }
  }

  private static Process serve(Path program, int port, Path log) {
    Process server =
        stack.lab.startOnServer(
            "https-" + port,
            program.toString(),
            "serve",
            address(port),
            tls.certificate.certificate.toString(),
            tls.certificate.key.toString(),
            log.toString());
    listens(port);
    return server;
  }

  /** Waits for it without a connection, which would be one that nobody watches yet. */
  private static void listens(int port) {
    Await.that("port " + port, () -> Ss.listens(stack.lab, stack.lab.server, port));
  }

  private static void get(Path program, int port) {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(getting(tls.certificate.certificate, port));
    stack.lab.onClient(command.toArray(String[]::new));
  }

  private static List<String> getting(Path certificate, int port) {
    List<String> get = new ArrayList<>(List.of("get", certificate.toString(), "" + TIMES));
    PATHS.forEach(path -> get.add("https://" + address(port) + path));
    return get;
  }

  /** Both sides have the log's lines, as both collectors tell it, tied to each other. */
  private static void rowsEqual(Path log, int port) throws IOException {
    List<String> requests = Files.readAllLines(Await.settled(log));
    assertThat(requests).hasSize(TIMES * PATHS.size());
    for (String side : TlsCollectors.sides()) {
      String rows = side + " AND server_port = " + port + " AND tls";
      assertThat(stack.awaitCount(rows, requests.size())).as(side).isEqualTo(requests.size());
      assertThat(tls.tally(rows)).as(side).isEqualTo(TlsCollectors.tally(requests));
    }
    assertThat(tls.untied(port)).isEmpty();
  }
}
