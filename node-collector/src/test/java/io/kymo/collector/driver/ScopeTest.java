package io.kymo.collector.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScopeTest {
  @Test
  void readsEachKind() {
    Scope scope =
        Scope.parse(
            List.of(
                "netns:/run/netns/blue",
                "cgroup:/sys/fs/cgroup/a:b",
                "pid:7",
                "pid:8",
                "comm:nginx",
                "port:53"),
            Set.of(9092));
    assertThat(scope)
        .isEqualTo(
            new Scope(
                Set.of(Path.of("/run/netns/blue")),
                Set.of(Path.of("/sys/fs/cgroup/a:b")),
                Set.of(7, 8),
                Set.of("nginx"),
                Set.of(53),
                Set.of(9092)));
    assertThat(Scope.parse(List.of(), Set.of())).isEqualTo(Scope.ALL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nginx",
        "pid:",
        "pid:0",
        "pid:x",
        "port:65536",
        "port:-1",
        "host:a",
        ":5",
        "comm:a-name-that-is-too-long"
      })
  void namesTheWrongOne(String filter) {
    assertThatThrownBy(() -> Scope.parse(List.of(filter), Set.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + filter + "'");
  }
}
