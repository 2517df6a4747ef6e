package io.kymo.collector.tls;

import io.kymo.collector.driver.FunctionProbes.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The functions of C libraries that are watched, and by which programs (bpf/tls.h). OpenSSL 1.1 and
 * 3 and BoringSSL have the same ones; a session is an address there, whatever it points to, so that
 * versions do not matter.
 */
enum TlsFunction {
  SSL_READ("SSL_read", "tls_read", "tls_return_int"),
  SSL_WRITE("SSL_write", "tls_write", "tls_return_int"),
  SSL_READ_EX("SSL_read_ex", "tls_read_ex", "tls_return_int"),
  SSL_WRITE_EX("SSL_write_ex", "tls_write_ex", "tls_return_int"),
  SSL_READ_EARLY_DATA("SSL_read_early_data", "tls_read_ex", "tls_return_int"),
  SSL_WRITE_EARLY_DATA("SSL_write_early_data", "tls_write_ex", "tls_return_int"),
  SSL_DO_HANDSHAKE("SSL_do_handshake", "tls_handshake", "tls_return_int"),
  SSL_SET_CONNECT_STATE("SSL_set_connect_state", "tls_start", null),
  SSL_SET_ACCEPT_STATE("SSL_set_accept_state", "tls_start", null),
  SSL_FREE("SSL_free", "tls_free", null),

  /** Of libcrypto: hands out each record, also where the program carries it to the socket. */
  BIO_WRITE("BIO_write", "tls_carry", null),

  GNUTLS_RECV("gnutls_record_recv", "tls_read", "tls_return_long"),
  GNUTLS_SEND("gnutls_record_send", "tls_write", "tls_return_long"),
  GNUTLS_SEND2("gnutls_record_send2", "tls_write", "tls_return_long"),
  GNUTLS_HANDSHAKE("gnutls_handshake", "tls_handshake", "tls_return_int"),
  GNUTLS_DEINIT("gnutls_deinit", "tls_free", null);

  private static final Map<String, TlsFunction> BY_NAME = new TreeMap<>();

  static {
    for (TlsFunction function : values()) {
      BY_NAME.put(function.symbol, function);
    }
  }

  private final String symbol;
  private final String atEntry;
  private final String atReturn;

  TlsFunction(String symbol, String atEntry, String atReturn) {
    this.symbol = symbol;
    this.atEntry = atEntry;
    this.atReturn = atReturn;
  }

  /** All by their symbols. */
  static Map<String, TlsFunction> all() {
    return BY_NAME;
  }

  String symbol() {
    return symbol;
  }

  /** Is a file that has it one of a TLS library, by that alone? */
  boolean belongsToTls() {
    return this == BIO_WRITE || atEntry.startsWith("tls_read") || atEntry.startsWith("tls_write");
  }

  /**
   * The probes of these functions. Returns come first: a call that is seen to begin is seen to end.
   */
  static List<Probe> probes(Map<String, Symbols.Function> found) {
    List<Probe> probes = new ArrayList<>();
    List<Probe> entries = new ArrayList<>();
    for (Map.Entry<String, Symbols.Function> place : new TreeMap<>(found).entrySet()) {
      TlsFunction function = BY_NAME.get(place.getKey());
      long offset = place.getValue().offset();
      if (function.atReturn != null) {
        probes.add(new Probe(function.atReturn, offset, true));
      }
      entries.add(new Probe(function.atEntry, offset, false));
    }
    probes.addAll(entries);
    return probes;
  }
}
