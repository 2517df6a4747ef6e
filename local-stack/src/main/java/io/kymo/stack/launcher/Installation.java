package io.kymo.stack.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The servers that Kymo does not build itself. */
final class Installation {
  private Installation() {}

  /** Installs what is missing. */
  static void complete(Home home, Console console) {
    if (!Files.exists(home.engineLibrary())) {
      console.progress("installing the ClickHouse engine (npm, about 530 MB on disk)");
      run(home, "local-stack/bin/install-engine", home.lib());
    }
    if (!Files.isDirectory(home.registryDirectory())) {
      console.progress("installing the schema registry (Maven, about 110 MB)");
      run(home, "local-stack/bin/install-registry", home.registryDirectory());
    }
  }

  private static void run(Home home, String script, Path target) {
    Path log = home.log("install");
    try {
      Home.directory(home.lib());
      int exit =
          new ProcessBuilder(home.root().resolve(script).toString(), target.toString())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start()
              .waitFor();
      if (exit != 0) {
        throw new UserErrorException(script + " failed:\n  " + StackProcess.logTail(log));
      }
    } catch (IOException e) {
      throw new UserErrorException("cannot run " + script + ": " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UserErrorException("interrupted");
    }
  }
}
