package io.kymo.collector.tls;

import io.kymo.collector.driver.FunctionProbes.Probe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * TLS as it was found in one file.
 *
 * @param library openssl (BoringSSL too), gnutls
 * @param probes what is to be attached
 * @param problem why it can not be watched, null when it can
 */
record TlsCode(String library, List<Probe> probes, String problem) {
  /**
   * Looks into an executable or a library.
   *
   * @return null when there is no TLS in it
   * @throws IOException when it can not be read, or is no ELF file
   */
  static TlsCode in(Path file) throws IOException {
    try (ElfFile elf = new ElfFile(file)) {
      Map<String, Symbols.Function> found = Symbols.find(elf, TlsFunction.all().keySet());
      boolean any =
          found.keySet().stream().anyMatch(name -> TlsFunction.all().get(name).movesPlaintext());
      if (!any) {
        return null;
      }
      String library = found.containsKey("gnutls_record_recv") ? "gnutls" : "openssl";
      return new TlsCode(library, TlsFunction.probes(found), null);
    }
  }
}
