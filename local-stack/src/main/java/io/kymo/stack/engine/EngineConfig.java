package io.kymo.stack.engine;

import java.nio.file.Path;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;

/** Keys of the ClickHouse process. */
public final class EngineConfig {
  public static final String DATA_DIR = "data.dir";
  public static final String HTTP_PORT = "http.port";
  public static final String LIBRARY_PATH = "library.path";
  public static final String MAX_CONCURRENT_QUERIES = "max.concurrent.queries";
  public static final String EXTERNAL_SOURCES = "external.sources";
  public static final String MEMORY_RATIO = "memory.ratio";

  private EngineConfig() {}

  public static ConfigDef definition() {
    return new ConfigDef()
        .define(
            DATA_DIR,
            ConfigDef.Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "Directory of all databases; made on the first start.")
        .define(
            HTTP_PORT,
            ConfigDef.Type.INT,
            8123,
            Range.between(1, 65_535),
            Importance.HIGH,
            "Loopback port of ClickHouse's HTTP interface.")
        .define(
            LIBRARY_PATH,
            ConfigDef.Type.STRING,
            defaultLibrary().toString(),
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "libchdb.so, as install-engine installs it. Default: KYMO_LIBCHDB from the environment,"
                + " else below KYMO_HOME, else below .kymo in the working directory.")
        .define(
            MAX_CONCURRENT_QUERIES,
            ConfigDef.Type.INT,
            16,
            Range.between(2, 1_000),
            Importance.LOW,
            "Statements that run at a time; more of them wait.")
        .define(
            EXTERNAL_SOURCES,
            ConfigDef.Type.BOOLEAN,
            false,
            Importance.LOW,
            "Whether statements may use what lies outside of the databases, with this process's"
                + " rights: files, URLs, other servers, programs.")
        .define(
            MEMORY_RATIO,
            ConfigDef.Type.DOUBLE,
            0.5,
            Range.between(0.05, 0.95),
            Importance.LOW,
            "Share of the machine's memory that the engine may take before statements fail.");
  }

  static Path defaultLibrary() {
    String library = System.getenv("KYMO_LIBCHDB");
    if (library != null && !library.isBlank()) {
      return Path.of(library);
    }
    String home = System.getenv("KYMO_HOME");
    return Path.of(home == null || home.isBlank() ? ".kymo" : home)
        .resolve("lib/node_modules/@chdb/lib-linux-" + architecture() + "-gnu/libchdb.so");
  }

  private static String architecture() {
    return "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "x64";
  }
}
