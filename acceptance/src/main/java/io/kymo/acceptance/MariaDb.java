package io.kymo.acceptance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** MariaDB in the server's namespace; its general log, written into a table, is the judge. */
public final class MariaDb implements AutoCloseable {
  private final Lab lab;
  private final Path dir;
  private final Process process;
  final int port;

  MariaDb(Lab lab, int port) {
    this.lab = lab;
    this.port = port;
    this.dir = lab.directory("mariadb-" + port);
    Path data = dir.resolve("data");
    lab.on(
            lab.server,
            "mariadb-install-db",
            "--no-defaults",
            "--user=mysql",
            "--datadir=" + data,
            "--auth-root-authentication-method=normal",
            "--skip-test-db")
        .orFail();
    process =
        lab.startOnServer(
            "mariadb-" + port,
            "mariadbd",
            "--no-defaults",
            "--user=mysql",
            "--datadir=" + data,
            "--port=" + port,
            "--bind-address=*",
            "--socket=" + socket(),
            "--pid-file=" + dir.resolve("pid"),
            "--log-output=TABLE",
            "--general-log=1",
            "--slow-query-log=1",
            "--long-query-time=0",
            "--innodb-flush-log-at-trx-commit=0",
            "--local-infile=1",
            "--skip-name-resolve");
    Await.that("MariaDB answers", () -> admin("SELECT 1").exit() == 0);
    admin(
            "CREATE DATABASE shop; CREATE USER app@'%' IDENTIFIED BY 'planted-secret'; GRANT ALL ON *.* TO app@'%'; TRUNCATE mysql.general_log")
        .orFail();
  }

  String socket() {
    return dir.resolve("mysqld.sock").toString();
  }

  /** Over the socket, as root: what it asks is left out of {@link #log()}. */
  Shell.Result admin(String sql) {
    return lab.on(
        lab.server, "mariadb", "--no-defaults", "-uroot", "-S", socket(), "-N", "-r", "-e", sql);
  }

  /** The mariadb client in the client's namespace over TCP, as user app in database shop. */
  Shell.Result client(String... arguments) {
    List<String> line =
        new ArrayList<>(
            List.of(
                "mariadb",
                "--no-defaults",
                "-h",
                Lab.SERVER4,
                "-P",
                "" + port,
                "-uapp",
                "-pplanted-secret",
                "--skip-ssl"));
    line.addAll(List.of(arguments));
    line.add("shop");
    return lab.on(lab.client, line.toArray(String[]::new));
  }

  String jdbcUrl(String options) {
    return "jdbc:mariadb://"
        + Lab.SERVER4
        + ":"
        + port
        + "/shop?user=app&password=planted-secret&allowMultiQueries=true&"
        + options;
  }

  /** Lines of the general log by users other than root: command type and text. */
  List<List<String>> log() {
    String query =
        "SELECT command_type, REPLACE(REPLACE(CONVERT(argument USING utf8mb4), '\\n', ' '), '\\t', ' ') FROM mysql.general_log WHERE user_host LIKE '%[app]%' OR user_host LIKE 'app[%' ORDER BY event_time";
    return admin(query).orFail().output().lines().map(l -> List.of(l.split("\t", 2))).toList();
  }

  /** How long each statement with a column named qN took, ns, by that name, from the slow log. */
  Map<String, Long> durations() {
    String query =
        "SELECT REGEXP_SUBSTR(sql_text, 'q[0-9]+'), CAST(TIME_TO_SEC(query_time) * 1000000000 AS INT) FROM mysql.slow_log WHERE user_host LIKE '%[app]%' AND sql_text REGEXP ' AS q[0-9]+'";
    return admin(query)
        .orFail()
        .output()
        .lines()
        .map(line -> line.split("\t"))
        .collect(Collectors.toMap(cells -> cells[0], cells -> Long.parseLong(cells[1])));
  }

  String rows(String side) {
    return "observed_at = '" + side + "' AND " + rows();
  }

  /** The same of both sides. */
  String rows() {
    return "server_port = " + port + " AND protocol = 'mysql'";
  }

  @Override
  public void close() {
    Shell.end(process);
  }
}
