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
    assertThat(Reason.ofEnd(log)).isEmpty();
    Files.writeString(log, "1 INFO a\n2 ERROR b\n3 FATAL all log dirs have failed\n4 INFO c\n");
    assertThat(Reason.ofEnd(log)).hasValue("3 FATAL all log dirs have failed");
  }

  @Test
  void healthIsToldInWords() {
    assertThat(Reason.ofHealth("{\"status\":\"down\",\"reason\":\"no Kafka\"}"))
        .isEqualTo("no Kafka");
    assertThat(Reason.ofHealth("starting\n")).isEqualTo("starting");
  }
}
