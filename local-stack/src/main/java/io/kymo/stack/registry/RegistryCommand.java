package io.kymo.stack.registry;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How the registry is started. Its schemas stand in an H2 file whose every write is on disk before
 * it is acknowledged: a registry that forgot the newest ids after a crash would give them to other
 * schemas, and records in Kafka would be read with the wrong one.
 */
public final class RegistryCommand {
  private static final String RUNNER = "apicurio-registry-app-3.0.9-runner.jar";

  private RegistryCommand() {}

  public static List<String> command(Path javaHome, Path installation) {
    return List.of(
        javaHome.resolve("bin/java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-Xmx192m",
        "-jar",
        installation.resolve(RUNNER).toString());
  }

  public static Map<String, String> environment(Path data, int port) {
    return Map.of(
        "QUARKUS_HTTP_HOST", "127.0.0.1",
        "QUARKUS_HTTP_PORT", String.valueOf(port),
        "APICURIO_STORAGE_KIND", "sql",
        "APICURIO_STORAGE_SQL_KIND", "h2",
        "APICURIO_DATASOURCE_URL", "jdbc:h2:file:" + data.resolve("registry") + ";WRITE_DELAY=0",
        "APICURIO_DATASOURCE_USERNAME", "sa",
        "APICURIO_DATASOURCE_PASSWORD", "sa",
        "QUARKUS_HTTP_ACCESS_LOG_ENABLED", "false",
        "LOG_LEVEL", "WARN");
  }
}
