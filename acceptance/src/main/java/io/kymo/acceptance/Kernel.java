package io.kymo.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the running kernel can tell. */
public final class Kernel {
  private static final Path TRACEFS = Path.of("/sys/kernel/tracing");

  private Kernel() {}

  /**
   * Whether a tracepoint has a field: they grow from version to version. Mounts tracefs if need be.
   */
  public static boolean tracepointTells(String system, String tracepoint, String field)
      throws IOException {
    Path format = TRACEFS.resolve("events").resolve(system).resolve(tracepoint).resolve("format");
    if (!Files.exists(format)) {
      Shell.run("mount", "-t", "tracefs", "tracefs", TRACEFS.toString()).orFail();
    }
    return Files.readString(format).contains(" " + field + ";");
  }
}
