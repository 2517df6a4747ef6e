package io.kymo.collector.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kymo.collector.driver.FunctionProbes.GoLayout;
import io.kymo.collector.driver.FunctionProbes.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Functions are found in files that clang makes here, as a linker of any library would. */
class TlsCodeTest {
  @TempDir Path dir;

  private Path compile(String source, String... flags) throws IOException, InterruptedException {
    return Clang.compile(dir, source, flags);
  }

  @Test
  void aLibrarysFunctionsWithReturnsFirst() throws Exception {
    Path library =
        compile(
            "int SSL_read(void *s, void *b, int n) { return n; }"
                + "int SSL_write(void *s, void *b, int n) { return -n; }"
                + "void SSL_free(void *s) {}"
                + "int SSL_peek(void *s, void *b, int n) { return n; }",
            "-shared",
            "-fPIC",
            "-Wl,-soname,libssl.so.9");
    TlsCode code = TlsCode.in(library);
    assertThat(code.library()).isEqualTo("openssl");
    assertThat(code.version()).isEqualTo("libssl.so.9");
    assertThat(code.probes().stream().map(Probe::program))
        .containsExactly("tls_return_int", "tls_return_int", "tls_free", "tls_read", "tls_write");
    assertThat(code.probes().stream().map(Probe::atReturn))
        .containsExactly(true, true, false, false, false);
    byte[] bytes = Files.readAllBytes(library);
    long write = code.probes().get(4).offset();
    long read = code.probes().get(3).offset();
    assertThat(code.probes().get(0).offset()).isEqualTo(read);
    assertThat(Arrays.copyOfRange(bytes, (int) read, (int) read + 4))
        .as("the code of two functions that differ")
        .isNotEqualTo(Arrays.copyOfRange(bytes, (int) write, (int) write + 4));
  }

  @Test
  void aProgramWithTheLibraryInIt() throws Exception {
    Path program =
        compile(
            "int gnutls_record_recv(void *s, void *b, int n) { return n; }"
                + "int gnutls_record_send(void *s, void *b, int n) { return n; }"
                + "int main(void) { return 0; }");
    TlsCode code = TlsCode.in(program);
    assertThat(code.library()).isEqualTo("gnutls");
    assertThat(code.probes()).hasSize(4);
  }

  @Test
  void boringSslIsCalledThat() throws Exception {
    TlsCode code =
        TlsCode.in(
            compile(
                "int SSL_read(void *s, void *b, int n) { return n; }"
                    + "int SSL_write(void *s, void *b, int n) { return n; }"
                    + "void SSL_CTX_set_grease_enabled(void *c, int on) {}",
                "-shared",
                "-fPIC"));
    assertThat(code.library()).isEqualTo("boringssl");
    assertThat(code.version()).isEmpty();
    assertThat(code.probes()).hasSize(4);
  }

  @Test
  void whoOnlyCallsItHasNone() throws Exception {
    Path caller =
        compile(
            "int SSL_read(void *, void *, int); int f(void *s) { return SSL_read(s, s, 1); }",
            "-shared",
            "-fPIC",
            "-Wl,--unresolved-symbols=ignore-all");
    assertThat(TlsCode.in(caller)).isNull();
  }

  @Test
  void damagedFilesAreRefused() throws Exception {
    Path library =
        compile("int SSL_read(void *s, void *b, int n) { return n; }", "-shared", "-fPIC");
    byte[] bytes = Files.readAllBytes(library);
    Path damaged = dir.resolve("damaged");
    for (int length : new int[] {0, 3, 63, 64, 200, bytes.length / 2, bytes.length - 1}) {
      Files.write(damaged, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> TlsCode.in(damaged)).isInstanceOf(IOException.class);
    }
    for (int i = 0; i < bytes.length; i += 7) {
      byte[] flipped = bytes.clone();
      flipped[i] ^= (byte) 0xff;
      Files.write(damaged, flipped);
      try {
        TlsCode.in(damaged);
      } catch (IOException expected) {
        assertThat(expected).isNotNull();
      }
    }
  }

  @Test
  void versionsOfGoThatAreNotKnownAreNotGuessed() {
    assertThat(GoVersions.layout("go1.19.8", 5)).isEqualTo(new GoLayout(5, 0, 0, 16));
    assertThat(GoVersions.layout("go1.24rc2", 0)).isNotNull();
    for (String unknown : List.of("go1.17.3", "go1.99", "go2.0", "devel +abc", "")) {
      assertThat(GoVersions.layout(unknown, 0)).as(unknown).isNull();
    }
  }

  @Test
  void filesThatAreMappedToBeRun() {
    String maps =
        String.join(
            "\n",
            "00400000-00666000 r-xp 00000000 fe:00 77    /opt/a program",
            "00666000-008ac000 r--p 00266000 fe:00 77    /opt/a program",
            "7f0a1c000000-7f0a1c021000 rw-p 00000000 00:00 0",
            "7f0a1d000000-7f0a1d021000 r-xp 00001000 fe:01 77    /usr/lib/libssl.so.3",
            "7f0a1d021000-7f0a1d022000 r-xp 00022000 fe:01 77    /usr/lib/libssl.so.3",
            "7ffd5e5f7000-7ffd5e5f9000 r-xp 00000000 00:00 0     [vdso]");
    assertThat(MappedFile.parse(maps))
        .containsExactly(
            new MappedFile(0xfe00000, 77, "400000-666000", "/opt/a program"),
            new MappedFile(0xfe00001, 77, "7f0a1d000000-7f0a1d021000", "/usr/lib/libssl.so.3"));
  }
}
