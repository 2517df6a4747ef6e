package io.kymo.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptureFilterTest {
  @Test
  void everyKind() {
    CaptureFilter filter =
        CaptureFilter.parse(
            List.of(
                "netns:/run/netns/blue",
                "cgroup:/system.slice/",
                " pid:42",
                "comm:nginx",
                "comm:a:b",
                "port:80",
                "port:443"));

    assertThat(filter.networkNamespaces()).containsExactly("/run/netns/blue");
    assertThat(filter.cgroups()).containsExactly("/system.slice");
    assertThat(filter.pids()).containsExactly(42);
    assertThat(filter.comms()).containsExactly("a:b", "nginx");
    assertThat(filter.ports()).containsExactly(80, 443);
    assertThat(filter.isEmpty()).isFalse();
    assertThat(CaptureFilter.all().isEmpty()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "nginx, 'nginx': use netns:PATH",
    "host:a, 'host:a': use netns:PATH",
    "netns:blue, must begin with /",
    "netns:, must begin with /",
    "cgroup:system.slice, must begin with /",
    "pid:x, from 1 to 4194304",
    "pid:0, from 1 to 4194304",
    "pid:4194305, from 1 to 4194304",
    "comm:, 1 to 15 bytes",
    "comm:sixteen-bytes-16, 1 to 15 bytes",
    "port:65536, from 1 to 65535",
    "port:-1, from 1 to 65535",
    "port, from 1 to 65535"
  })
  void whatIsWrongIsSaid(String term, String message) {
    assertThatThrownBy(() -> CaptureFilter.parse(List.of(term)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(term)
        .hasMessageContaining(message.replace("''", "'"));
  }
}
