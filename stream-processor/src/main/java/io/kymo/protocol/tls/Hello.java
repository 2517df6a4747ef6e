package io.kymo.protocol.tls;

import io.kymo.protocol.Input;
import io.kymo.protocol.Message;
import io.kymo.protocol.Status;

/**
 * ClientHello and ServerHello (RFC 8446, 4.1; extensions: RFC 6066, 3, RFC 7301, 3.1, RFC 8446,
 * 4.2.1).
 *
 * <pre>
 *   client   u16 version | 32 random | u8 n, session id | u16 n, cipher suites | u8 n, compression | u16 n, extensions
 *   server   u16 version | 32 random | u8 n, session id | u16 cipher suite     | u8 compression    | u16 n, extensions
 *   extension   u16 type | u16 n, data
 * </pre>
 *
 * A hello that breaks these rules is told as far as it keeps to them.
 */
final class Hello {
  static final String OPERATION = "HANDSHAKE";

  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int VERSION_1_3 = 0x0304;
  private static final int RANDOM = 2;
  private static final int SESSION_ID = RANDOM + 32;
  private static final int NAME_MAX = 255;

  /** RFC 8446, 4.1.3: SHA-256 of "HelloRetryRequest", its first eight bytes. */
  private static final long RETRY = 0xcf21ad74e59a6111L;

  private Hello() {}

  /** Tells what the client asks for. */
  static void client(Input hello, Message message) {
    message.operation(OPERATION);
    int at = afterVector8(hello, SESSION_ID);
    at = afterVector16(hello, at);
    at = afterVector8(hello, at);
    extensions(hello, at, message, true);
  }

  /** The server asks for another ClientHello. */
  static boolean isRetryRequest(Input hello) {
    return hello.length() >= SESSION_ID && hello.i64be(RANDOM) == RETRY;
  }

  /**
   * Tells what the server chose.
   *
   * @return whether more of the handshake can be read behind it: up to TLS 1.2
   */
  static boolean server(Input hello, Message message) {
    message.status(Status.OK, "");
    int at = afterVector8(hello, SESSION_ID);
    if (at < 0 || hello.length() < at + 3) {
      return false;
    }
    message.attribute("tls.cipher", CipherSuites.name(hello.u16be(at)));
    int chosen = extensions(hello, at + 3, message, false);
    int version = chosen == 0 ? hello.u16be(0) : chosen;
    message.attribute("tls.protocol.name", version == 0x0300 ? "ssl" : "tls");
    message.attribute("tls.protocol.version", version(version));
    return version < VERSION_1_3;
  }

  private static String version(int version) {
    return switch (version) {
      case 0x0300 -> "3";
      case 0x0301 -> "1.0";
      case 0x0302 -> "1.1";
      case 0x0303 -> "1.2";
      case VERSION_1_3 -> "1.3";
      default -> String.format("0x%04x", version);
    };
  }

  private static int afterVector8(Input in, int at) {
    return at < 0 || at + 1 > in.length() ? -1 : within(in, at + 1 + in.u8(at));
  }

  private static int afterVector16(Input in, int at) {
    return at < 0 || at + 2 > in.length() ? -1 : within(in, at + 2 + in.u16be(at));
  }

  private static int within(Input in, int at) {
    return at > in.length() ? -1 : at;
  }

  /** Returns the version that the extensions choose, 0 when they do not speak of it. */
  private static int extensions(Input in, int from, Message message, boolean client) {
    int end = afterVector16(in, from);
    int chosen = 0;
    for (int at = from + 2; end >= 0 && at + 4 <= end; ) {
      int type = in.u16be(at);
      int data = at + 4;
      int next = data + in.u16be(at + 2);
      if (next > end) {
        return chosen;
      }
      if (type == SERVER_NAME && client) {
        serverName(in, data, next, message);
      } else if (type == ALPN) {
        applicationProtocol(in, data, next, message, client);
      } else if (type == SUPPORTED_VERSIONS && !client && next - data == 2) {
        chosen = in.u16be(data);
      }
      at = next;
    }
    return chosen;
  }

  private static void serverName(Input in, int from, int end, Message message) {
    if (end - from < 5 || in.u8(from + 2) != 0) {
      return; // a list with a host name first is all that there is
    }
    int length = in.u16be(from + 3);
    if (length <= NAME_MAX && from + 5 + length <= end) {
      String name = in.latin1(from + 5, from + 5 + length);
      message.resource(name);
      message.attribute("tls.client.server_name", name);
    }
  }

  /** The server's list has one element: the protocol that is spoken. */
  private static void applicationProtocol(
      Input in, int from, int end, Message message, boolean client) {
    StringBuilder names = new StringBuilder();
    for (int at = from + 2; at < end; at += 1 + in.u8(at)) {
      int next = at + 1 + in.u8(at);
      if (next > end || names.length() > NAME_MAX) {
        break;
      }
      names.append(names.length() == 0 ? "" : ",").append(in.latin1(at + 1, next));
    }
    String key = client ? "capture.tls.alpn.offered" : "tls.next_protocol";
    message.attribute(key, names.toString());
  }
}
