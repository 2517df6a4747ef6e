package io.kymo.stack.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReasonTest {
  @TempDir Path directory;

  @Test
  void aPlaceThatCannotHoldDataIsToldInOneLine() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> DataPlace.prepare(file))
        .isInstanceOf(UserErrorException.class)
        .hasMessageContaining(file + ": is there already, and no directory");
    assertThatThrownBy(() -> DataPlace.prepare(Path.of("/proc/kymo")))
        .isInstanceOf(UserErrorException.class)
        .hasMessageContaining("/proc/kymo");
  }

  @Test
  void theEndOfALogIsItsLastError() throws IOException {
    Path log = directory.resolve("broker.log");
    assertThat(Reason.ofEnd(log)).startsWith("its log can not be read");
    Files.writeString(log, "1 INFO a\n2 INFO read 11 bytes\n");
    assertThat(Reason.ofEnd(log))
        .startsWith("its log tells no error")
        .endsWith("2 INFO read 11 bytes");
    Files.writeString(log, "node-collector: no usable driver: kmod\n");
    assertThat(Reason.ofEnd(log)).endsWith("its log: node-collector: no usable driver: kmod");
    Files.writeString(log, "1 INFO a\n2 ERROR b\n3 FATAL all log dirs have failed\n4 INFO c\n");
    assertThat(Reason.ofEnd(log))
        .isEqualTo("the last error in its log: 3 FATAL all log dirs have failed");
  }

  @Test
  void healthIsToldInWords() {
    assertThat(Reason.ofHealth("{\"status\":\"down\",\"reason\":\"no Kafka\"}"))
        .isEqualTo("no Kafka");
    assertThat(Reason.ofHealth("starting\n")).isEqualTo("starting");
  }
}
