package io.kymo.stack.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OverridesTest {
  @TempDir Path directory;

  @Test
  void isReadAsPropertiesAre() throws IOException {
    Path file = directory.resolve("collector.properties");
    assertThat(Overrides.read(file)).isEmpty();
    Files.writeString(file, "# mine\nnode.name = nöde\ncapture.tls: off\n");
    assertThat(Overrides.read(file)).isEqualTo(Map.of("node.name", "nöde", "capture.tls", "off"));
  }

  @Test
  void whatCannotBeReadIsNamedWithItsPlace() throws IOException {
    Path file = directory.resolve("collector.properties");
    Files.write(file, "node.name=a\nnode.name=\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Overrides.read(file))
        .isInstanceOf(UserErrorException.class)
        .hasMessage(file + ", line 2: this is not UTF-8 text");
    Files.writeString(file, "node.name=\\u12\n");
    assertThatThrownBy(() -> Overrides.read(file)).hasMessageContaining(file.toString());
  }

  @Test
  void aValueThatIsWrittenIsReadAgain() throws IOException {
    for (String value : new String[] {"", " a", "C:\\x", "a\nb", "a=b:c #d"}) {
      Properties properties = new Properties();
      properties.load(new StringReader("key=" + Overrides.escaped(value) + "\n"));
      assertThat(properties.getProperty("key")).isEqualTo(value);
    }
  }
}
