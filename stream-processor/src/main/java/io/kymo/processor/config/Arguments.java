package io.kymo.processor.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigException;

/**
 * The command line: {@code --config FILE}, and {@code key=value} that overrides what stands in the
 * file.
 */
public final class Arguments {
  private Arguments() {}

  /**
   * @throws ConfigException when the command line or the file cannot be read; the message says what
   *     to do
   */
  public static Map<String, String> parse(String... arguments) {
    Map<String, String> fromFile = new HashMap<>();
    Map<String, String> fromLine = new HashMap<>();
    for (int i = 0; i < arguments.length; i++) {
      String argument = arguments[i];
      int equals = argument.indexOf('=');
      if (argument.equals("--config")) {
        if (++i == arguments.length) {
          throw new ConfigException("--config needs a file: --config FILE");
        }
        fromFile.putAll(read(Path.of(arguments[i])));
      } else if (equals > 0 && !argument.startsWith("-")) {
        fromLine.put(argument.substring(0, equals), argument.substring(equals + 1));
      } else {
        throw new ConfigException(
            "cannot read argument " + argument + ": use --config FILE or key=value");
      }
    }
    fromFile.putAll(fromLine);
    return fromFile;
  }

  private static Map<String, String> read(Path file) {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new ConfigException("cannot read configuration file " + file + ": " + e);
    }
    Map<String, String> values = new HashMap<>();
    properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
    return values;
  }
}
