package io.kymo.processor.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorConfigTest {
  private static final Path PAGE = Path.of("..", "docs", "configuration-processor.md");

  @Test
  void allDefaults() {
    ProcessorConfig config = new ProcessorConfig(Map.of());
    for (ConfigKey key : ProcessorConfig.table().configKeys().values()) {
      assertThat(config.values().get(key.name)).as(key.name).isEqualTo(key.defaultValue);
      assertThat(key.validator).as("validator of %s", key.name).isNotNull();
      assertThat(key.documentation).as("documentation of %s", key.name).isNotBlank();
    }
  }

  @Test
  void everyKeyChanged() {
    Map<String, String> changed = new HashMap<>();
    for (ConfigKey key : ProcessorConfig.table().configKeys().values()) {
      changed.put(key.name, another(key));
    }
    ProcessorConfig config = new ProcessorConfig(changed);
    for (ConfigKey key : ProcessorConfig.table().configKeys().values()) {
      Object value = config.values().get(key.name);
      assertThat(value).as(key.name).isNotEqualTo(key.defaultValue);
      String text =
          value instanceof Password p ? p.value() : ConfigDef.convertToString(value, key.type);
      assertThat(text).as(key.name).isEqualTo(changed.get(key.name));
    }
  }

  private static String another(ConfigKey key) {
    return switch (key.type) {
      case BOOLEAN -> String.valueOf(!(Boolean) key.defaultValue);
      case INT, LONG, SHORT -> String.valueOf(((Number) key.defaultValue).longValue() + 1);
      case LIST -> "a:1,b:2";
      case PASSWORD -> "secret";
      default -> key.name.endsWith(".url") ? "http://elsewhere:1" : "another";
    };
  }

  @Test
  void passwordsAreNotShown() {
    ProcessorConfig config =
        new ProcessorConfig(Map.of(ProcessorConfig.CLICKHOUSE_PASSWORD, "secret"));
    assertThat(config.values().toString()).doesNotContain("secret");
  }

  @Test
  void whatIsWrongIsNamed() {
    for (Map.Entry<String, String> wrong :
        Map.of(
                ProcessorConfig.PARTITIONS,
                "0",
                ProcessorConfig.REGISTRY,
                "localhost:8081",
                ProcessorConfig.APPLICATION_ID,
                "a b",
                ProcessorConfig.COMMIT_INTERVAL,
                "soon",
                ProcessorConfig.PRIVACY_SQL,
                "maybe",
                ProcessorConfig.STATE_DIR,
                " ",
                "partition",
                "4")
            .entrySet()) {
      assertThatThrownBy(() -> new ProcessorConfig(Map.of(wrong.getKey(), wrong.getValue())))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining(wrong.getKey());
    }
  }

  @Test
  void argumentsWinOverTheFile(@TempDir Path directory) throws IOException {
    Path file =
        Files.write(directory.resolve("p"), List.of("# comment", "partitions=8", "http.port=1"));
    assertThat(Arguments.parse("http.port=2", "--config", file.toString()))
        .containsExactlyInAnyOrderEntriesOf(Map.of("partitions", "8", "http.port", "2"));
    assertThat(Arguments.parse("clickhouse.password=a=b"))
        .containsEntry("clickhouse.password", "a=b");
  }

  @Test
  void argumentsThatCannotBeReadAreRefused(@TempDir Path directory) {
    for (String[] wrong :
        new String[][] {
          {"--config"},
          {"--config", directory.resolve("none").toString()},
          {"--help"},
          {"partitions"},
          {"=4"}
        }) {
      assertThatThrownBy(() -> Arguments.parse(wrong)).isInstanceOf(ConfigException.class);
    }
  }

  @Test
  void thePageIsWhatTheTableSays() throws IOException {
    if (Boolean.getBoolean("kymo.docs.write")) {
      Files.writeString(PAGE, ConfigurationPage.markdown());
    }
    assertThat(PAGE)
        .as("written anew by: mvn test -Dtest=ProcessorConfigTest -DargLine=-Dkymo.docs.write=true")
        .hasContent(ConfigurationPage.markdown());
  }
}
