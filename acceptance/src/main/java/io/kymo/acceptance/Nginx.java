package io.kymo.acceptance;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** nginx in the server's namespace; its access log is the judge. */
public final class Nginx implements AutoCloseable {
  private final Lab lab;
  private final Path dir;
  private final Path log;
  private final Process process;
  public final int port;

  private final Certificate certificate;
  private final String listens;

  public Nginx(Lab lab, int port) {
    this(lab, port, null);
  }

  /**
   * @param certificate what it speaks TLS with, null for plain HTTP
   */
  public Nginx(Lab lab, int port, Certificate certificate) {
    this(lab, port, certificate, certificate == null ? "" : "ssl");
  }

  /**
   * @param listens parameters of the directive listen
   */
  public Nginx(Lab lab, int port, Certificate certificate, String listens) {
    this.listens = listens;
    this.lab = lab;
    this.port = port;
    this.certificate = certificate;
    this.dir = lab.directory("nginx-" + port);
    this.log = dir.resolve("access.log");
    try {
      Path www = Files.createDirectories(dir.resolve("www"));
      Files.writeString(www.resolve("index.html"), "hello\n");
      for (int mb : new int[] {1, 10}) {
        try (RandomAccessFile file =
            new RandomAccessFile(www.resolve(mb + "mb.bin").toFile(), "rw")) {
          file.setLength(mb * 1024L * 1024L);
        }
      }
      Files.writeString(dir.resolve("nginx.conf"), configuration(www));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    process =
        lab.startOnServer(
            "nginx-" + port,
            "nginx",
            "-p",
            dir.toString(),
            "-c",
            dir.resolve("nginx.conf").toString(),
            "-g",
            "daemon off;");
    Await.that(
        "nginx answers",
        () -> lab.on(lab.client, "curl", "-sk", "-o", "/dev/null", url("/ready")).exit() == 0);
  }

  private String configuration(Path www) {
    return String.join(
        "\n",
        "user root;",
        "worker_processes 2;",
        "error_log " + dir + "/error.log;",
        "pid " + dir + "/nginx.pid;",
        "events { worker_connections 1024; }",
        "http {",
        "  log_format judge '$request_method\\t$uri\\t$status\\t$request_time\\t$connection\\t$request_length\\t$bytes_sent\\t$msec';",
        "  access_log " + log + " judge;",
        "  sendfile on;",
        "  keepalive_requests 1000000;",
        "  client_body_temp_path "
            + dir
            + "/body; proxy_temp_path "
            + dir
            + "/proxy; fastcgi_temp_path "
            + dir
            + "/fastcgi;",
        "  uwsgi_temp_path " + dir + "/uwsgi; scgi_temp_path " + dir + "/scgi;",
        "  server {",
        "    listen "
            + port
            + " "
            + listens
            + " backlog=1024; listen [::]:"
            + port
            + " "
            + listens
            + ";",
        certificate == null
            ? ""
            : "    ssl_certificate "
                + certificate.certificate
                + "; ssl_certificate_key "
                + certificate.key
                + "; ssl_protocols TLSv1.2 TLSv1.3;",
        "    root " + www + ";",
        "    location /ready { access_log off; return 204; }",
        "    location /missing { return 404 'no such thing'; }",
        "    location /broken { return 500 'broken'; }",
        "    location /moved { return 302 /index.html; }",
        "    location /chunked { chunked_transfer_encoding on; ssi on; root " + www + "; }",
        "    location /users { return 200 'a user'; }",
        "    location /slow { limit_rate 700k; alias " + www + "/1mb.bin; }",
        "    location /login {",
        "      add_header Set-Cookie 'session=planted-secret-setcookie';",
        "      return 302 '/index.html?code=planted-secret-location';",
        "    }",
        "  }",
        "}");
  }

  public String url(String path) {
    return (certificate == null ? "http://" : "https://") + Lab.SERVER4 + ":" + port + path;
  }

  public String url6(String path) {
    return "http://[" + Lab.SERVER6 + "]:" + port + path;
  }

  /**
   * Starts a steady load on this server, in the client's namespace. It ends when {@code stop}
   * appears, or after {@code seconds}.
   */
  public Process steadyLoad(int rate, int seconds, Path stop) {
    return lab.startOnClient(
        "steady-" + port,
        "java",
        "-Xmx64m",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        SteadyLoad.class.getName(),
        Lab.SERVER4,
        "" + port,
        "" + rate,
        "" + seconds,
        stop.toString());
  }

  /** Requests logged by now; more may come. */
  public long loggedSoFar() {
    try (Stream<String> lines = Files.lines(log)) {
      return lines.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Lines of the access log as cells: method, path, status, request time (s), connection, request
   * length, bytes sent, time of logging (s since 1970, of ms steps as the request time).
   */
  public List<List<String>> accessLog() {
    try {
      return Files.readAllLines(Await.settled(log)).stream()
          .map(line -> List.of(line.split("\t", -1)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The SQL condition for this server's rows, without the probe of its readiness. */
  public String rows(String side) {
    return "observed_at = '" + side + "' AND " + rows();
  }

  /** The same of both sides. */
  public String rows() {
    return "server_port = " + port + " AND attributes['url.path'] != '/ready'";
  }

  @Override
  public void close() {
    // its master process is a child of ip netns exec, which exec()s it: the pid is nginx's
    Shell.end(process);
  }
}
