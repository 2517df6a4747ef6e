package io.kymo.stack.launcher;

import io.kymo.collector.config.CollectorConfig;
import io.kymo.processor.config.ProcessorConfig;
import io.kymo.stack.registry.RegistryCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.config.ConfigException;

/** The processes of the one-machine default, in the order in which they start. */
final class StackPlan {
  static final String BROKER = "broker";
  static final String REGISTRY = "registry";
  static final String CLICKHOUSE = "clickhouse";
  static final String PROCESSOR = "stream-processor";
  static final String COLLECTOR = "collector";
  static final List<String> NAMES = List.of(BROKER, REGISTRY, CLICKHOUSE, PROCESSOR, COLLECTOR);

  /** A port that somebody listens on. */
  private record Listener(String purpose, int usual, String process) {}

  private static final List<Listener> LISTENERS =
      List.of(
          new Listener("kafka", 9092, BROKER),
          new Listener("controller", 9093, BROKER),
          new Listener("registry", 8081, REGISTRY),
          new Listener("clickhouse", 8123, CLICKHOUSE),
          new Listener("processor", 9464, PROCESSOR),
          new Listener("collector", 9465, COLLECTOR));

  private final Home home;
  private final Path data;
  private final Map<String, Integer> ports;

  StackPlan(Home home, Path data, Map<String, Integer> ports) {
    this.home = home;
    this.data = data;
    this.ports = ports;
  }

  /**
   * Ports of the last start are kept by whoever runs, and by the others where they still are free:
   * what runs then finds again what was missing.
   */
  static Map<String, Integer> choosePorts(Map<String, Integer> before, Set<String> running) {
    FreePorts ports = new FreePorts();
    Map<String, Integer> chosen = new LinkedHashMap<>();
    for (Listener listener : LISTENERS) {
      Integer last = before.get(listener.purpose);
      chosen.put(
          listener.purpose,
          last != null && running.contains(listener.process)
              ? last
              : ports.free(last != null ? last : listener.usual));
    }
    return chosen;
  }

  String bootstrapServers() {
    return "127.0.0.1:" + ports.get("kafka");
  }

  String registryUrl() {
    return "http://127.0.0.1:" + ports.get("registry") + "/apis/ccompat/v7";
  }

  String clickhouseUrl() {
    return "http://127.0.0.1:" + ports.get("clickhouse");
  }

  String collectorUrl() {
    return "http://127.0.0.1:" + ports.get("collector");
  }

  StackProcess broker() {
    // no health page: BrokerProbe asks the broker itself
    return process(
        BROKER,
        "kafka",
        List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"),
        "io.kymo.stack.broker.BrokerMain",
        List.of(
            "data.dir=" + Home.directory(data.resolve("kafka")),
            "kafka.port=" + ports.get("kafka"),
            "controller.port=" + ports.get("controller")),
        List.of(),
        "");
  }

  StackProcess registry() {
    Path dir = Home.directory(data.resolve("registry"));
    return new StackProcess(
        REGISTRY,
        RegistryCommand.command(javaHome(), home.registryDirectory()),
        List.of(),
        RegistryCommand.environment(dir, ports.get("registry")),
        ports.get("registry"),
        registryUrl() + "/subjects");
  }

  StackProcess clickhouse() {
    return process(
        CLICKHOUSE,
        "clickhouse",
        List.of("-Xmx256m"),
        "io.kymo.stack.engine.EngineMain",
        List.of(
            "data.dir=" + Home.directory(data.resolve("clickhouse")),
            "http.port=" + ports.get("clickhouse"),
            "library.path=" + home.engineLibrary()),
        List.of(),
        clickhouseUrl() + "/ping");
  }

  StackProcess processor() {
    return process(
        PROCESSOR,
        "processor",
        List.of("-Xmx768m"),
        "io.kymo.processor.main.StreamProcessor",
        file(PROCESSOR),
        settings(
            PROCESSOR,
            ProcessorConfig::new,
            "kafka.bootstrap.servers=" + bootstrapServers(),
            "schema.registry.url=" + registryUrl(),
            "clickhouse.url=" + clickhouseUrl(),
            "state.dir=" + Home.directory(data.resolve("stream-processor")),
            "http.port=" + ports.get("processor")),
        "http://127.0.0.1:" + ports.get("processor") + "/health");
  }

  /**
   * @param btf file with the kernel's types, null: the kernel tells them itself
   */
  StackProcess collector(String driver, List<String> only, Path btf) {
    List<String> excluded = ports.values().stream().map(String::valueOf).toList();
    return process(
        COLLECTOR,
        "collector",
        // measured: as fast per segment as with all compilers, at 138 instead of 190 MB
        // a heap that need not grow has no full collections, which would stop the capturing thread
        List.of(
            "-Xmx96m",
            "-Xms96m",
            "-Xmn16m",
            "-Xss512k",
            "-XX:MetaspaceSize=48m",
            "-XX:TieredStopAtLevel=1"),
        "io.kymo.collector.main.NodeCollector",
        file(COLLECTOR),
        settings(
            COLLECTOR,
            CollectorConfig::new,
            "kafka.bootstrap.servers=" + bootstrapServers(),
            "schema.registry.url=" + registryUrl(),
            "state.dir=" + Home.directory(home.home().resolve("run")),
            "http.port=" + ports.get("collector"),
            "capture.driver=" + driver,
            "capture.btf=" + (btf == null ? "" : btf.toAbsolutePath().normalize()),
            "capture.only=" + String.join(",", only),
            "capture.exclude.own.ports=" + String.join(",", excluded)),
        collectorUrl() + "/health");
  }

  /** A collector that plays captures and ends. */
  List<String> replay(List<String> files, String node) {
    List<String> arguments =
        List.of(
            "--replay",
            "kafka.bootstrap.servers=" + bootstrapServers(),
            "schema.registry.url=" + registryUrl(),
            "http.port=0",
            "state.dir=",
            "node.name=" + node,
            "capture.driver=pcap:" + String.join("\n", files));
    return process(
            "replay",
            "collector",
            List.of("-Xmx256m"),
            "io.kymo.collector.main.NodeCollector",
            arguments,
            List.of(),
            "")
        .command();
  }

  private StackProcess process(
      String name,
      String port,
      List<String> jvm,
      String main,
      List<String> arguments,
      List<String> settings,
      String healthUrl) {
    List<String> line = new ArrayList<>();
    line.add(javaHome().resolve("bin/java").toString());
    line.add("-XX:+UseSerialGC");
    line.add("-XX:+ExitOnOutOfMemoryError");
    line.addAll(jvm);
    line.add("-cp");
    line.add(home.jars() + "/*");
    line.add(main);
    line.addAll(arguments);
    return new StackProcess(name, line, settings, Map.of(), ports.get(port), healthUrl);
  }

  private List<String> file(String name) {
    return List.of("--config", home.config(name).toString());
  }

  /**
   * What the process is told, as a file that a person can read; what the user's own file says comes
   * last and so wins. It is checked here, before anything is touched.
   */
  private List<String> settings(String name, Consumer<Map<String, String>> check, String... own) {
    Path file = home.home().resolve(name + ".properties");
    Map<String, String> overrides = Overrides.read(file);
    List<String> lines = new ArrayList<>();
    Map<String, String> values = new LinkedHashMap<>();
    for (String line : own) {
      int equals = line.indexOf('=');
      values.put(line.substring(0, equals), line.substring(equals + 1));
    }
    values.putAll(overrides);
    values.forEach((key, value) -> lines.add(key + "=" + Overrides.escaped(value)));
    try {
      check.accept(values);
    } catch (ConfigException e) {
      throw new UserErrorException(
          overrides.isEmpty() ? e.getMessage() : file + ": " + e.getMessage());
    }
    return lines;
  }

  static Path javaHome() {
    return Path.of(System.getProperty("java.home"));
  }
}
