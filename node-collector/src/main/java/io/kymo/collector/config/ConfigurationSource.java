package io.kymo.collector.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;

/** Reads the command line: {@code [--config FILE] [key=value …]}; arguments win over the file. */
public final class ConfigurationSource {
  private ConfigurationSource() {}

  /**
   * @throws ConfigException with one line that says what is wrong
   */
  public static Map<String, String> read(String... arguments) {
    Map<String, String> values = new TreeMap<>();
    Map<String, String> overrides = new TreeMap<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      int equals = argument.indexOf('=');
      if (argument.equals("--config")) {
        if (++i == arguments.length) {
          throw new ConfigException("--config needs a file");
        }
        values.putAll(file(arguments[i]));
      } else if (equals > 0 && !argument.startsWith("-")) {
        overrides.put(argument.substring(0, equals), argument.substring(equals + 1));
      } else {
        throw new ConfigException(
            "'" + argument + "' is not understood: use [--config FILE] [key=value …]");
      }
    }
    values.putAll(overrides);
    return values;
  }

  private static Map<String, String> file(String name) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of(name))) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException("Cannot read configuration file " + name + ": " + e);
    }
    Map<String, String> values = new TreeMap<>();
    for (String key : properties.stringPropertyNames()) {
      values.put(key, properties.getProperty(key));
    }
    return values;
  }
}
