package io.kymo.stack.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kymo.stack.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** ClickHouse in a process of its own, and a plain HTTP client. */
final class EngineProcess implements AutoCloseable {
  private static final int HEAP_MB = 64;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ServerProcess process;
  private final int port;

  private EngineProcess(ServerProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  static EngineProcess start(Path directory) throws Exception {
    int port = ServerProcess.freePort();
    ServerProcess process =
        ServerProcess.java(
            directory.resolve("log"),
            EngineMain.class,
            HEAP_MB,
            "data.dir=" + directory.resolve("data"),
            "http.port=" + port,
            "library.path=" + library());
    EngineProcess engine = new EngineProcess(process, port);
    process.await(engine::answers);
    return engine;
  }

  /** As the process itself looks for it; Maven runs tests in the module's directory. */
  static Path library() {
    Path library = EngineConfig.defaultLibrary();
    Path found = library.isAbsolute() ? library : Path.of("..").resolve(library);
    assertThat(Files.exists(found))
        .as(
            "ClickHouse engine at %s: install it with local-stack/bin/install-engine .kymo/lib"
                + " in the checkout, or name it in KYMO_LIBCHDB",
            found.toAbsolutePath().normalize())
        .isTrue();
    return found.toAbsolutePath().normalize();
  }

  private boolean answers() {
    try {
      return get("/ping").body().equals("Ok.\n");
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  ServerProcess process() {
    return process;
  }

  int port() {
    return port;
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  HttpResponse<String> get(String pathAndQuery) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url() + pathAndQuery)).build();
    return client.send(request, BodyHandlers.ofString());
  }

  HttpResponse<String> post(String parameters, String body)
      throws IOException, InterruptedException {
    return post(parameters, body.getBytes(StandardCharsets.UTF_8), BodyHandlers.ofString());
  }

  <T> HttpResponse<T> post(
      String parameters, byte[] body, HttpResponse.BodyHandler<T> handler, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + "/?" + parameters))
            .POST(BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), handler);
  }

  /** The result of a statement that must succeed. */
  String sql(String statement) throws IOException, InterruptedException {
    HttpResponse<String> response = post("", statement);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.body();
  }

  static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    process.close();
  }
}
