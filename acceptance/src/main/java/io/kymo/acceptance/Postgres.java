package io.kymo.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** PostgreSQL in the server's namespace; its log of every statement is the judge. */
public final class Postgres implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Pattern NAMED = Pattern.compile("^statement: .* AS (\\w+)");
  private static final AtomicInteger STARTED = new AtomicInteger();
  private static final Pattern TOOK = Pattern.compile("duration: ([0-9.]+) ms");

  private final Lab lab;
  private final Path dir;
  private final Path bin;
  private final Process process;
  private final String database;
  final int port;

  Postgres(Lab lab, int port) {
    this(lab, port, null);
  }

  /**
   * @param certificate what it offers TLS with, and clients insist on; null for none
   */
  Postgres(Lab lab, int port, Certificate certificate) {
    this.lab = lab;
    this.port = port;
    this.database =
        certificate == null ? "postgres" : "dbname=postgres sslmode=require gssencmode=disable";
    this.dir = lab.directory("postgres-" + port + "-" + STARTED.incrementAndGet());
    this.bin = newestBin();
    Path data = dir.resolve("data");
    asPostgres(
            bin.resolve("initdb").toString(),
            "-D",
            data.toString(),
            "-A",
            "trust",
            "-U",
            "postgres",
            "-N")
        .orFail();
    try {
      Files.writeString(
          data.resolve("pg_hba.conf"),
          "local all all trust\nhost all app 0.0.0.0/0 password\nhost all all 0.0.0.0/0 trust\nhost all all ::/0 trust\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> command =
        new ArrayList<>(
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    command.addAll(
        List.of(
            bin.resolve("postgres").toString(), "-D", data.toString(), "-p", String.valueOf(port)));
    for (String setting :
        List.of(
            "listen_addresses=*",
            "unix_socket_directories=" + dir,
            "fsync=off",
            "max_connections=60",
            "logging_collector=on",
            "log_destination=jsonlog",
            "log_directory=" + dir.resolve("log"),
            "log_filename=postgres.log",
            "log_statement=all",
            "log_duration=on",
            "log_rotation_age=0",
            "log_rotation_size=0")) {
      command.add("-c");
      command.add(setting);
    }
    if (certificate != null) {
      Path key = dir.resolve("server.key");
      Shell.run(
              "install", "-o", "postgres", "-m", "600", certificate.key.toString(), key.toString())
          .orFail();
      command.addAll(List.of("-c", "ssl=on", "-c", "ssl_key_file=" + key));
      command.addAll(List.of("-c", "ssl_cert_file=" + certificate.certificate));
    }
    process = lab.startOnServer("postgres-" + port, command.toArray(String[]::new));
    Await.that(
        "PostgreSQL answers",
        () -> lab.on(lab.server, "pg_isready", "-h", dir.toString(), "-p", "" + port).exit() == 0);
  }

  private static Path newestBin() {
    try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
      return versions.sorted().reduce((a, b) -> b).orElseThrow().resolve("bin");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Shell.Result asPostgres(String... command) {
    List<String> line =
        new ArrayList<>(
            List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
    line.addAll(List.of(command));
    return Shell.run(line, Map.of(), dir);
  }

  /** Runs psql in the client's namespace; its exit code is that of psql. */
  Shell.Result psql(String... arguments) {
    return client("psql", arguments);
  }

  Shell.Result pgbench(String... arguments) {
    return client(bin.resolve("pgbench").toString(), arguments);
  }

  /** Asks something as another user, whose password goes over the wire as it is. */
  Shell.Result login(String user, String password) {
    return lab.on(
        lab.client,
        "psql",
        "postgresql://" + user + ":" + password + "@" + Lab.SERVER4 + ":" + port + "/postgres",
        "-c",
        "SELECT current_user");
  }

  private Shell.Result client(String program, String... arguments) {
    List<String> line =
        new ArrayList<>(List.of(program, "-h", Lab.SERVER4, "-p", "" + port, "-U", "postgres"));
    line.addAll(List.of(arguments));
    line.add(database);
    return lab.on(lab.client, line.toArray(String[]::new));
  }

  /**
   * Texts of all statements that the server executed, of simple queries and of executed prepared
   * ones.
   */
  List<String> statements() {
    List<String> texts = new ArrayList<>();
    try (Stream<String> lines = Files.lines(Await.settled(dir.resolve("log/postgres.json")))) {
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode entry = JSON.readTree(line);
        String message = entry.path("message").asText();
        if (entry.path("error_severity").asText().equals("LOG")
            && (message.startsWith("statement: ") || message.startsWith("execute "))) {
          texts.add(message.substring(message.indexOf(": ") + 2));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }

  /** SQLSTATEs of all errors, in order. */
  List<String> errors() {
    List<String> states = new ArrayList<>();
    try (Stream<String> lines = Files.lines(Await.settled(dir.resolve("log/postgres.json")))) {
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode entry = JSON.readTree(line);
        if (entry.path("error_severity").asText().equals("ERROR")) {
          states.add(entry.path("state_code").asText());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return states;
  }

  /** How long each statement of a simple query took, ns, by its first column's name. */
  Map<String, Long> durations() {
    Map<String, Long> durations = new TreeMap<>();
    Map<Long, String> last = new TreeMap<>();
    try (Stream<String> lines = Files.lines(Await.settled(dir.resolve("log/postgres.json")))) {
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode entry = JSON.readTree(line);
        Matcher named = NAMED.matcher(entry.path("message").asText());
        Matcher took = TOOK.matcher(entry.path("message").asText());
        if (named.find()) {
          last.put(entry.get("pid").asLong(), named.group(1));
        } else if (took.matches() && last.containsKey(entry.get("pid").asLong())) {
          durations.put(
              last.remove(entry.get("pid").asLong()),
              Math.round(Double.parseDouble(took.group(1)) * 1e6));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return durations;
  }

  /** Rows of executed statements: without logins and what is not a statement. */
  String rows(String side) {
    return "observed_at = '" + side + "' AND " + rows();
  }

  /** The same of both sides. */
  String rows() {
    return "server_port = "
        + port
        + " AND protocol = 'postgresql' AND operation NOT IN ('CONNECT', 'CANCEL')";
  }

  @Override
  public void close() {
    process.destroy();
    Shell.end(process);
  }
}
