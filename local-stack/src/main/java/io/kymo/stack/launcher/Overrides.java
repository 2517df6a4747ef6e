package io.kymo.stack.launcher;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** A user's file of settings for one process. */
final class Overrides {
  private Overrides() {}

  /**
   * Keys and values; none when there is no such file.
   *
   * @throws UserErrorException that names the file, and the line where it can
   */
  static Map<String, String> read(Path file) {
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      Properties properties = new Properties();
      properties.load(new StringReader(text(file, Files.readAllBytes(file))));
      Map<String, String> values = new TreeMap<>();
      for (String key : properties.stringPropertyNames()) {
        values.put(key, properties.getProperty(key));
      }
      return values;
    } catch (IOException e) {
      throw new UserErrorException(Reason.of(e));
    } catch (IllegalArgumentException e) {
      throw new UserErrorException(file + ": " + e.getMessage() + " (a backslash is written \\\\)");
    }
  }

  private static String text(Path file, byte[] bytes) {
    int line = 1;
    int from = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i == bytes.length || bytes[i] == '\n') {
        try {
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, i - from));
        } catch (CharacterCodingException e) {
          throw new UserErrorException(file + ", line " + line + ": this is not UTF-8 text");
        }
        from = i + 1;
        line++;
      }
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** As a value has to be written into such a file. */
  static String escaped(String value) {
    String text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    return text.startsWith(" ") ? "\\" + text : text;
  }
}
