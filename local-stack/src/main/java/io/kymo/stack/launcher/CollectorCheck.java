package io.kymo.stack.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Asks a second collector whether it could observe with other settings, while the first goes on.
 */
final class CollectorCheck {
  private CollectorCheck() {}

  /**
   * Starts the driver that these settings name, and lets go of it.
   *
   * @param settings lines of its configuration file
   * @return why it cannot work, in one line; empty when it can
   */
  static Optional<String> problem(Home home, List<String> settings) {
    Path file = home.config("collector-check");
    Path said = home.log("collector-check");
    try {
      Files.write(file, settings);
      int exit =
          new ProcessBuilder(
                  StackPlan.javaHome().resolve("bin/java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Xmx96m",
                  "-cp",
                  home.jars() + "/*",
                  "io.kymo.collector.main.NodeCollector",
                  "--check",
                  "--config",
                  file.toString())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start()
              .waitFor();
      return exit == 0 ? Optional.empty() : Optional.of(reason(said));
    } catch (IOException e) {
      throw new UserErrorException("cannot check the collector's settings: " + Reason.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserErrorException("interrupted; nothing was changed");
    } finally {
      remove(file);
    }
  }

  private static String reason(Path said) throws IOException {
    return Files.readAllLines(said, StandardCharsets.ISO_8859_1).stream()
        .filter(line -> line.startsWith("node-collector: "))
        .map(line -> line.substring("node-collector: ".length()))
        .findFirst()
        .orElse("it failed, see " + said);
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UserErrorException("cannot remove " + Reason.of(e));
    }
  }
}
