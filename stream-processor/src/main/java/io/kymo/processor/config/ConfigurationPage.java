package io.kymo.processor.config;

import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** docs/configuration-processor.md, from the table in {@link ProcessorConfig}. */
public final class ConfigurationPage {
  private ConfigurationPage() {}

  public static String markdown() {
    StringBuilder page = new StringBuilder(8 << 10);
    page.append("# Configuration of the stream-processor\n\n")
        .append(
            "Generated from `ProcessorConfig`: do not edit. In a file given by `--config FILE` (Java properties), or as\n")
        .append("`key=value` arguments, which win. Units stand at the end of a key's name.\n\n")
        .append("| key | type | default | valid | meaning |\n|---|---|---|---|---|\n");
    for (ConfigKey key : ProcessorConfig.table().configKeys().values()) {
      page.append("| `")
          .append(key.name)
          .append("` | ")
          .append(key.type.name().toLowerCase(Locale.ROOT))
          .append(" | ")
          .append(defaultOf(key))
          .append(" | ")
          .append(key.validator)
          .append(" | ")
          .append(key.documentation)
          .append(" |\n");
    }
    return page.toString();
  }

  private static String defaultOf(ConfigKey key) {
    if (key.name.equals(ProcessorConfig.STATE_DIR)) {
      return "`kymo-stream-processor` in the system's directory for temporary files";
    }
    if (key.type == ConfigDef.Type.PASSWORD) {
      return "empty";
    }
    return "`" + ConfigDef.convertToString(key.defaultValue, key.type) + "`";
  }
}
