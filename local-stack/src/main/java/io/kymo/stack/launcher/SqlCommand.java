package io.kymo.stack.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    description =
        "Runs a query in ClickHouse, database kymo. ClickHouse's own error and exit code 1 when it fails.")
final class SqlCommand implements Callable<Integer> {
  @Parameters(paramLabel = "QUERY", description = "The query; - reads it from standard input.")
  private String query;

  @Option(
      names = "--format",
      paramLabel = "F",
      description =
          "ClickHouse's format (default: PrettyCompact on a terminal, else TabSeparated).")
  private String format;

  @Override
  public Integer call() throws IOException, InterruptedException {
    StackState state = StackState.load(Home.fromEnvironment().state());
    String url =
        "http://127.0.0.1:"
            + state.port("clickhouse")
            + "/?database=kymo&default_format="
            + encode(chosenFormat());
    String text =
        query.equals("-") ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : query;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .POST(HttpRequest.BodyPublishers.ofString(text))
            .build();
    HttpResponse<InputStream> response;
    try {
      response = Http.client().send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new UserErrorException(
          "ClickHouse does not answer at port "
              + state.port("clickhouse")
              + ": ./kymo status tells, ./kymo up starts it");
    }
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        System.err.println(new String(body.readAllBytes(), StandardCharsets.UTF_8).strip());
        return 1;
      }
      body.transferTo(System.out);
      System.out.flush();
    }
    return System.out.checkError() ? 1 : 0;
  }

  private String chosenFormat() {
    if (format != null) {
      return format;
    }
    return "1".equals(System.getenv("KYMO_TTY")) ? "PrettyCompact" : "TabSeparated";
  }

  private static String encode(String s) {
    return URLEncoder.encode(s, StandardCharsets.UTF_8);
  }
}
