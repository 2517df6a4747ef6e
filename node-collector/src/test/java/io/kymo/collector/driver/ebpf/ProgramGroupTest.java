package io.kymo.collector.driver.ebpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a kernel lacks is left out, the rest works; tried with a small object made for it. */
@Tag("kernel")
class ProgramGroupTest {
  private static final Path OBJECT = Path.of("target/bpf/groups.bpf.o");
  private final LibBpf library = Requirements.check(EbpfOptions.DEFAULT);
  private final Map<ProgramGroup, String> without = new EnumMap<>(ProgramGroup.class);

  @Test
  void aRefusedProgramTakesItsGroupAlong() throws IOException {
    BpfObject first = open(Flavour.TYPED);
    assertThat(first.load()).contains("tcp_refused_btf");
    assertThat(first.refused()).isEqualTo(ProgramGroup.TCP);
    first.close();
    without.put(ProgramGroup.TCP, "refused");

    BpfObject second = open(Flavour.TYPED);
    try {
      assertThat(second.load()).isNull();
      assertThat(second.attach()).isNull();
      assertThat(second.missing())
          .containsEntry("tcp_refused_btf", "refused")
          .containsEntry("tls_nowhere_btf", "no tracepoint kymo_nowhere");
      assertThat(second.program("needed_btf")).isNotNull();
      assertThat(second.program("needed_raw")).isNull();
      assertThat(second.program("tls_nowhere_btf")).isNull();
    } finally {
      second.close();
    }
  }

  @Test
  void aTracepointThatIsMissingCostsOneProgram() throws IOException {
    without.put(ProgramGroup.TLS, "not wanted");
    BpfObject object = open(Flavour.RAW);
    try {
      assertThat(object.load()).isNull();
      assertThat(object.attach()).isNull();
      assertThat(object.missing()).containsKey("tcp_nowhere_raw").doesNotContainKey("tcp_fine_raw");
    } finally {
      object.close();
    }
  }

  private BpfObject open(Flavour flavour) throws IOException {
    return new BpfObject(library, Files.readAllBytes(OBJECT), flavour.without(), without, null);
  }
}
