package io.kymo.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.collector.driver.Scope;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectorConfigTest {
  private static final Path PAGE = Path.of("../docs/configuration-collector.md");

  @Test
  void allDefaults() {
    Map<String, Object> expected = new TreeMap<>();
    expected.put("batch.linger.ms", 20L);
    expected.put("batch.max.bytes", 262_144);
    expected.put("capture.btf", "");
    expected.put("capture.driver", "auto");
    expected.put("capture.exclude.ports", List.of());
    expected.put("capture.exclude.own.ports", List.of());
    expected.put("capture.module", "");
    expected.put("capture.only", List.of());
    expected.put("capture.tls", "auto");
    expected.put("capture.payload.bytes", 65_536);
    expected.put("capture.poll.events", 1024);
    expected.put("capture.ring.bytes", 33_554_432);
    expected.put("capture.transport", "auto");
    expected.put("connections.max", 65_536);
    expected.put("http.port", 9465);
    expected.put("kafka.bootstrap.servers", List.of("127.0.0.1:9092"));
    expected.put("node.name", "");
    expected.put("partitions", 4);
    expected.put("proc.path", "/proc");
    expected.put("processes.max", 8192);
    expected.put("publish.producer.bytes", 8_388_608L);
    expected.put("publish.queue.bytes", 16_777_216L);
    expected.put("replication.factor", (short) 1);
    expected.put("schema.registry.url", List.of("http://127.0.0.1:8081"));
    expected.put("segments.retention.ms", 86_400_000L);
    expected.put("state.dir", "");
    expected.put("stats.interval.ms", 10_000L);
    expected.put("udp.idle.ms", 60_000L);

    CollectorConfig config = new CollectorConfig(Map.of());

    assertThat(new TreeMap<>(config.values())).isEqualTo(expected);
    assertThat(config.scope()).isEqualTo(Scope.ALL);
    assertThat(config.kafkaClient())
        .isEqualTo(Map.of("bootstrap.servers", List.of("127.0.0.1:9092")));
  }

  @Test
  void everyKeyChanged() {
    Map<String, String> changed = new TreeMap<>();
    changed.put("batch.linger.ms", "5");
    changed.put("batch.max.bytes", "65536");
    changed.put("capture.btf", "/tmp/vmlinux.btf");
    changed.put("capture.transport", "perfbuf");
    changed.put("capture.driver", "kmod,interface:eth0");
    changed.put("capture.exclude.ports", "9092,8081");
    changed.put("capture.exclude.own.ports", "8123");
    changed.put("capture.module", "/opt/kymo.ko");
    changed.put("capture.only", "netns:/run/netns/a,port:80");
    changed.put("capture.tls", "off");
    changed.put("capture.payload.bytes", "512");
    changed.put("capture.poll.events", "16");
    changed.put("capture.ring.bytes", "65536");
    changed.put("connections.max", "100");
    changed.put("http.port", "0");
    changed.put("kafka.bootstrap.servers", "a:1,b:2");
    changed.put("node.name", "n1");
    changed.put("partitions", "8");
    changed.put("proc.path", "/host/proc");
    changed.put("processes.max", "50");
    changed.put("publish.producer.bytes", "4194304");
    changed.put("publish.queue.bytes", "4194304");
    changed.put("replication.factor", "3");
    changed.put("schema.registry.url", "https://r1,https://r2");
    changed.put("segments.retention.ms", "3600000");
    changed.put("state.dir", "/var/lib/kymo");
    changed.put("stats.interval.ms", "1000");
    changed.put("udp.idle.ms", "5000");
    assertThat(changed.keySet()).isEqualTo(CollectorConfig.DEFINITION.names());

    CollectorConfig config = new CollectorConfig(changed);

    for (Map.Entry<String, String> entry : changed.entrySet()) {
      Object value = config.values().get(entry.getKey());
      String text =
          value instanceof List<?> list
              ? String.join(",", list.stream().map(Object::toString).toList())
              : value.toString();
      assertThat(text).as(entry.getKey()).isEqualTo(entry.getValue());
    }
    assertThat(config.scope().netns()).containsExactly(Path.of("/run/netns/a"));
    assertThat(config.scope().ports()).containsExactly(80);
    assertThat(config.scope().excludedPorts()).isEqualTo(Set.of(8081, 9092));
    assertThat(config.scope().ownPorts()).isEqualTo(Set.of(8123));
  }

  @Test
  void everyKeyHasAValidatorAndADocumentation() {
    CollectorConfig.DEFINITION
        .configKeys()
        .values()
        .forEach(
            key -> {
              assertThat(key.validator).as(key.name).isNotNull();
              assertThat(key.documentation).as(key.name).endsWith(".");
            });
  }

  @Test
  void settingsOfKafkasProducerPass() {
    assertThat(
            new CollectorConfig(Map.of("kafka.security.protocol", "SSL"))
                .kafkaClient()
                .get("security.protocol"))
        .isEqualTo("SSL");
  }

  @Test
  void wrongValuesAreNamedInOneLine() {
    assertRefused("capture.only", "pid:x", "capture.only: filter 'pid:x'");
    assertRefused(
        "capture.only", "nginx", "use netns:PATH, cgroup:PATH, pid:N, comm:NAME or port:N");
    assertRefused("capture.only", "netns:blue", "'netns:blue': the path must begin with /");
    assertRefused("capture.only", "cgroup:a", "'cgroup:a': the path must begin with /");
    assertRefused("capture.only", "comm:sixteen-bytes-16", "15 bytes");
    assertRefused("capture.only", "port:65536", "from 1 to 65535");
    assertRefused("capture.exclude.ports", "0", "capture.exclude.ports: '0' is not a port");
    assertRefused("capture.ring.bytes", "100000", "power of two");
    assertRefused("kafka.bootstrap.servers", "localhost", "'localhost' is not HOST:PORT");
    assertRefused("schema.registry.url", "localhost:1", "'localhost:1' is not http(s)");
    assertRefused("http.port", "65536", "http.port");
    assertRefused("node.name", "a b", "must not hold blanks");
    assertRefused("proc.path", "proc", "must begin with /");
    assertRefused("batch.linger", "5", "Unknown configuration [batch.linger]");
  }

  @Test
  void argumentsWinOverTheFile(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("c.properties"), "partitions=2\nnode.name=a\n");

    assertThat(ConfigurationSource.read("node.name=b=c", "--config", file.toString()))
        .isEqualTo(Map.of("partitions", "2", "node.name", "b=c"));
  }

  @Test
  void wrongArgumentsAreNamed(@TempDir Path directory) {
    assertThatThrownBy(() -> ConfigurationSource.read("--config"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--config needs a file");
    assertThatThrownBy(() -> ConfigurationSource.read("--help"))
        .hasMessageContaining("'--help' is not understood");
    assertThatThrownBy(() -> ConfigurationSource.read("--config", directory + "/none"))
        .hasMessageContaining("Cannot read configuration file");
  }

  @Test
  void thePageIsWhatTheDefinitionGenerates() throws Exception {
    String page = ConfigurationPage.generate(CollectorConfig.DEFINITION);
    if (Boolean.getBoolean("kymo.docs.write")) {
      Files.writeString(PAGE, page);
    }

    assertThat(Files.readString(PAGE))
        .as("run mvn -pl node-collector -am test -DargLine=-Dkymo.docs.write=true")
        .isEqualTo(page);
  }

  private static void assertRefused(String key, String value, String message) {
    assertThatThrownBy(() -> new CollectorConfig(Map.of(key, value)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }
}
