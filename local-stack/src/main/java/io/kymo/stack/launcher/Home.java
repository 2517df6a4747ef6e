package io.kymo.stack.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where things are.
 *
 * @param root the checkout
 * @param home run state and logs (KYMO_HOME)
 * @param lib what was installed: the ClickHouse engine, the schema registry (KYMO_LIB)
 */
record Home(Path root, Path home, Path lib) {
  static Home fromEnvironment() {
    Path root = Path.of(env("KYMO_ROOT", System.getProperty("user.dir")));
    Path home = Path.of(env("KYMO_HOME", root.resolve(".kymo").toString()));
    return new Home(root, home, Path.of(env("KYMO_LIB", root.resolve(".kymo/lib").toString())));
  }

  private static String env(String key, String otherwise) {
    String value = System.getenv(key);
    return (value == null || value.isBlank() ? Path.of(otherwise) : Path.of(value))
        .toAbsolutePath()
        .toString();
  }

  Path defaultData() {
    return home.resolve("data");
  }

  Path log(String process) {
    return directory(home.resolve("log")).resolve(process + ".log");
  }

  Path state() {
    return directory(home.resolve("run")).resolve("stack.json");
  }

  Path config(String process) {
    return directory(home.resolve("run")).resolve(process + ".properties");
  }

  /** The jars of all of Kymo's processes. */
  Path jars() {
    return root.resolve("local-stack/target/dist/lib");
  }

  Path engineLibrary() {
    String arch = System.getProperty("os.arch").contains("aarch64") ? "arm64" : "x64";
    return lib.resolve("node_modules/@chdb/lib-linux-" + arch + "-gnu/libchdb.so");
  }

  Path registryDirectory() {
    return lib.resolve("registry");
  }

  static Path directory(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new UserErrorException("cannot use " + path + " as a directory: " + Reason.of(e));
    }
  }
}
