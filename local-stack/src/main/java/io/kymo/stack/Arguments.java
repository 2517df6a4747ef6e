package io.kymo.stack;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** A process's command line: {@code --config FILE}, then {@code key=value} that override it. */
public final class Arguments {
  private Arguments() {}

  /**
   * @param definition every key that the process knows
   * @throws StartException for an unknown key, a bad value, or a file that cannot be read
   */
  public static AbstractConfig parse(ConfigDef definition, String... arguments)
      throws StartException {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      int equals = argument.indexOf('=');
      if (argument.equals("--config") && i + 1 < arguments.length) {
        read(Path.of(arguments[++i]), values);
      } else if (equals > 0 && !argument.startsWith("-")) {
        values.put(argument.substring(0, equals), argument.substring(equals + 1));
      } else {
        throw new StartException(
            "argument '" + argument + "' is neither --config FILE nor key=value");
      }
    }
    for (String key : values.keySet()) {
      if (!definition.names().contains(key)) {
        throw new StartException(
            "unknown key '" + key + "'; keys are " + new TreeSet<>(definition.names()));
      }
    }
    try {
      return new AbstractConfig(definition, values, false);
    } catch (ConfigException e) {
      throw new StartException(e.getMessage());
    }
  }

  private static void read(Path file, Map<String, String> values) throws StartException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new StartException("cannot read the configuration file " + file + ": " + e);
    }
    properties.forEach((key, value) -> values.putIfAbsent((String) key, (String) value));
  }
}
