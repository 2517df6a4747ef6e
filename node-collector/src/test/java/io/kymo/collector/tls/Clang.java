package io.kymo.collector.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes ELF files, as a linker of any library would. */
final class Clang {
  private Clang() {}

  /** Compiles C into {@code dir/a.out}. */
  static Path compile(Path dir, String source, String... flags)
      throws IOException, InterruptedException {
    Path c = Files.writeString(dir.resolve("a.c"), source);
    Path out = dir.resolve("a.out");
    List<String> command = new ArrayList<>(List.of("clang", "-O1", c.toString(), "-o"));
    command.add(out.toString());
    command.addAll(Arrays.asList(flags));
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).isZero();
    return out;
  }
}
