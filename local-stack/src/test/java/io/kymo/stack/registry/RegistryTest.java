package io.kymo.stack.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.kymo.schemas.wire.SchemaIds;
import io.kymo.schemas.wire.SchemaRefusedException;
import io.kymo.stack.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schema registry as the launcher starts it, asked by the genuine client. */
@Tag("registry")
class RegistryTest {
  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

  @TempDir Path directory;

  @Test
  void schemasSurviveKillAndIncompatibleOnesAreRefused() throws Exception {
    Schema first = SchemaBuilder.record("R").fields().requiredLong("a").endRecord();
    Schema wider =
        SchemaBuilder.record("R").fields().requiredLong("a").optionalString("b").endRecord();
    Schema other = SchemaBuilder.record("R").fields().requiredString("a").endRecord();
    int port = ServerProcess.freePort();
    int firstId;
    int widerId;
    try (ServerProcess process = start(port)) {
      SchemaRegistryClient registry = client(process, port);
      firstId = SchemaIds.register(registry, "t", first);
      widerId = SchemaIds.register(registry, "t", wider);
      assertThat(widerId).isNotEqualTo(firstId);
      assertThatThrownBy(() -> SchemaIds.register(registry, "t", other))
          .isInstanceOf(SchemaRefusedException.class);
      process.kill();
    }
    try (ServerProcess process = start(port)) {
      SchemaRegistryClient registry = client(process, port);
      assertThat(((AvroSchema) registry.getSchemaById(firstId)).rawSchema()).isEqualTo(first);
      assertThat(((AvroSchema) registry.getSchemaById(widerId)).rawSchema()).isEqualTo(wider);
      assertThat(registry.getCompatibility("t-value")).isEqualTo("FULL_TRANSITIVE");
      assertThat(SchemaIds.register(registry, "t", first)).isEqualTo(firstId);
      assertThatThrownBy(() -> SchemaIds.register(registry, "t", other))
          .isInstanceOf(SchemaRefusedException.class);
      assertThat(listeningAddresses(port)).hasSize(1).allMatch(a -> a.endsWith("0100007F"));
    }
  }

  private ServerProcess start(int port) throws IOException {
    Path data = Files.createDirectories(directory.resolve("data"));
    return ServerProcess.start(
        directory.resolve("log"),
        RegistryCommand.command(JAVA_HOME, installation()),
        RegistryCommand.environment(data, port));
  }

  /** Where the launcher installs it. */
  private static Path installation() {
    String home = System.getenv("KYMO_HOME");
    Path kymo = Path.of(home == null || home.isBlank() ? "../.kymo" : home);
    Path installed = kymo.resolve("lib/registry").toAbsolutePath().normalize();
    assertThat(installed)
        .as("schema registry: install it with local-stack/bin/install-registry %s", installed)
        .isDirectory();
    return installed;
  }

  private static SchemaRegistryClient client(ServerProcess process, int port) throws Exception {
    String url = "http://127.0.0.1:" + port + "/apis/ccompat/v7";
    HttpClient http = HttpClient.newHttpClient();
    HttpRequest subjects = HttpRequest.newBuilder(URI.create(url + "/subjects")).build();
    process.await(
        () -> {
          try {
            return http.send(subjects, BodyHandlers.discarding()).statusCode() == 200;
          } catch (IOException e) {
            return false;
          }
        });
    return SchemaIds.client(url);
  }

  private static List<String> listeningAddresses(int port) throws IOException {
    String suffix = String.format(":%04X", port);
    List<String> listening = new ArrayList<>();
    for (String table : List.of("tcp", "tcp6")) {
      for (String line : Files.readAllLines(Path.of("/proc/net/" + table))) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields[1].endsWith(suffix) && fields[3].equals("0A")) {
          listening.add(fields[1].substring(0, fields[1].indexOf(':')));
        }
      }
    }
    return listening;
  }
}
