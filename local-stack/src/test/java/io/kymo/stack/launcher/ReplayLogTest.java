package io.kymo.stack.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayLogTest {
  @TempDir private Path directory;

  @Test
  void knowsACaptureByItsContentAndNode() throws IOException {
    Path capture = file("shop.pcap", 3 << 20);
    ReplayLog log = new ReplayLog(directory);
    assertThat(log.before(capture, "shop")).isEmpty();

    log.add(capture, "shop");

    assertThat(new ReplayLog(directory).before(capture, "shop"))
        .hasValueSatisfying(when -> assertThat(when).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:]{8}Z"));
    assertThat(log.before(capture, "another")).isEmpty();
    Path moved = Files.move(capture, directory.resolve("moved.pcap"));
    assertThat(log.before(moved, "shop")).isPresent();
    Files.write(moved, new byte[] {1}, java.nio.file.StandardOpenOption.APPEND);
    assertThat(log.before(moved, "shop")).isEmpty();
  }

  @Test
  void forgetsWhatWasNotPlayed() throws IOException {
    Path first = file("first.pcap", 100);
    Path second = file("second.pcap", 0);
    ReplayLog log = new ReplayLog(directory);
    log.add(first, "shop");
    log.add(second, "shop");

    log.add(first, "shop");
    log.remove(second, "shop");
    log.remove(first, "shop");

    assertThat(log.before(first, "shop")).isPresent();
    assertThat(log.before(second, "shop")).isEmpty();
  }

  private Path file(String name, int size) throws IOException {
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    return Files.write(directory.resolve(name), bytes);
  }
}
