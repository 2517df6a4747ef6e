package io.kymo.collector.config;

import java.util.List;
import org.apache.kafka.common.config.ConfigDef;

/** Makes docs/configuration-collector.md from the definition. */
final class ConfigurationPage {
  private static final String HEAD =
      """
      # Configuration of the node-collector

      Generated from `CollectorConfig`; a test compares it. Given as `--config FILE` (Java properties) and as
      `key=value` arguments, which come last and win.

      | key | default | valid | meaning |
      |---|---|---|---|
      """;

  private ConfigurationPage() {}

  static String generate(ConfigDef definition) {
    StringBuilder page = new StringBuilder(HEAD);
    for (ConfigDef.ConfigKey key : definition.configKeys().values()) {
      page.append("| `").append(key.name).append("` | ");
      page.append(defaultOf(key)).append(" | ");
      page.append(key.validator).append(" | ");
      page.append(key.documentation).append(" |\n");
    }
    return page.toString();
  }

  private static String defaultOf(ConfigDef.ConfigKey key) {
    String value =
        key.defaultValue instanceof List<?> list
            ? String.join(",", list.stream().map(Object::toString).toList())
            : String.valueOf(key.defaultValue);
    return value.isEmpty() ? "empty" : "`" + value + "`";
  }
}
