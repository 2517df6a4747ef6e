package io.kymo.collector.tls;

import io.kymo.collector.driver.FunctionProbes.GoLayout;
import io.kymo.collector.driver.FunctionProbes.Probe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * TLS as it was found in one file.
 *
 * @param library openssl, boringssl, gnutls, go
 * @param version of it, empty when not known
 * @param probes what is to be attached
 * @param layout Go only
 * @param problem why it can not be watched, null when it can
 */
record TlsCode(
    String library, String version, List<Probe> probes, GoLayout layout, String problem) {
  /** OpenSSL has no such function (BoringSSL's include/openssl/ssl.h). */
  private static final String BORINGSSL_ONLY = "SSL_CTX_set_grease_enabled";

  /**
   * Looks into an executable or a library.
   *
   * @return null when there is no TLS in it
   * @throws IOException when it can not be read, or is no ELF file
   */
  static TlsCode in(Path file) throws IOException {
    try (ElfFile elf = new ElfFile(file)) {
      String go = GoBuildInfo.version(elf);
      TlsCode code = go == null ? null : GoProgram.in(elf, go);
      return code != null ? code : ofLibrary(elf);
    }
  }

  private static TlsCode ofLibrary(ElfFile elf) throws IOException {
    Set<String> wanted = new HashSet<>(TlsFunction.all().keySet());
    wanted.add(BORINGSSL_ONLY);
    Map<String, Symbols.Function> found = Symbols.find(elf, wanted);
    boolean boring = found.remove(BORINGSSL_ONLY) != null;
    if (found.keySet().stream().noneMatch(name -> TlsFunction.all().get(name).belongsToTls())) {
      return null;
    }
    String library = boring ? "boringssl" : "openssl";
    if (found.containsKey(TlsFunction.GNUTLS_RECV.symbol())) {
      library = "gnutls";
    }
    return new TlsCode(library, Symbols.soname(elf), TlsFunction.probes(found), null, null);
  }
}
