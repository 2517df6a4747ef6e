package io.kymo.protocol.tls;

import io.kymo.protocol.Message;
import io.kymo.protocol.Side;
import io.kymo.protocol.Status;
import java.util.Map;

/** Why a handshake failed: alert descriptions (RFC 8446, 6.2, with those of RFC 5246, 7.2). */
final class Alerts {
  private static final int INTERNAL_ERROR = 80;

  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(0, "close_notify"),
          Map.entry(10, "unexpected_message"),
          Map.entry(20, "bad_record_mac"),
          Map.entry(22, "record_overflow"),
          Map.entry(30, "decompression_failure"),
          Map.entry(40, "handshake_failure"),
          Map.entry(42, "bad_certificate"),
          Map.entry(43, "unsupported_certificate"),
          Map.entry(44, "certificate_revoked"),
          Map.entry(45, "certificate_expired"),
          Map.entry(46, "certificate_unknown"),
          Map.entry(47, "illegal_parameter"),
          Map.entry(48, "unknown_ca"),
          Map.entry(49, "access_denied"),
          Map.entry(50, "decode_error"),
          Map.entry(51, "decrypt_error"),
          Map.entry(70, "protocol_version"),
          Map.entry(71, "insufficient_security"),
          Map.entry(INTERNAL_ERROR, "internal_error"),
          Map.entry(86, "inappropriate_fallback"),
          Map.entry(90, "user_canceled"),
          Map.entry(109, "missing_extension"),
          Map.entry(110, "unsupported_extension"),
          Map.entry(112, "unrecognized_name"),
          Map.entry(113, "bad_certificate_status_response"),
          Map.entry(115, "unknown_psk_identity"),
          Map.entry(116, "certificate_required"),
          Map.entry(120, "no_application_protocol"));

  private Alerts() {}

  /** The client refused what the server answered; why is encrypted. */
  static void setHidden(Message message) {
    message.status(Status.SERVER_ERROR, "");
    message.errorType("alert_encrypted");
  }

  /** Whoever sends the alert blames the other end, unless it says otherwise. */
  static void set(Message message, Side sender, int description) {
    boolean server = (sender == Side.SERVER) == (description == INTERNAL_ERROR);
    message.status(
        server ? Status.SERVER_ERROR : Status.CLIENT_ERROR, Integer.toString(description));
    message.errorType(NAMES.getOrDefault(description, "alert_" + description));
  }
}
