package io.kymo.protocol.http;

import io.kymo.protocol.Message;
import java.util.Locale;

/**
 * The request target (RFC 9112 section 3.2) in its four forms, as attributes. User information,
 * query values and what looks like a credential in the path do not leave.
 */
final class Target {
  private static final int MAX_PATH = 1024;
  private static final int MAX_QUERY = 1024;
  private static final int MAX_HOST = 255;

  private Target() {}

  /** {@code host:port} of a CONNECT. */
  static void authority(String target, Message message) {
    host(target, message);
    String host = message.attributes().getOrDefault("server.address", "");
    String port = message.attributes().getOrDefault("server.port", "");
    message.resource(port.isEmpty() ? host : host + ":" + port);
  }

  /**
   * Origin, absolute or asterisk form; what is none of these is taken for an authority.
   *
   * @param cut its end is missing
   */
  static void resource(String target, boolean cut, boolean redactQuery, Message message) {
    String rest = target;
    if (!target.startsWith("/") && !target.startsWith("*")) {
      int scheme = target.indexOf("://");
      if (scheme <= 0 || scheme > 16) {
        authority(cut ? "" : target, message);
        return;
      }
      message.attribute("url.scheme", target.substring(0, scheme).toLowerCase(Locale.ROOT));
      int end = authorityEnd(target, scheme + 3);
      if (end == target.length() && cut) {
        return; // the beginning of a password looks like a port
      }
      host(target.substring(scheme + 3, end), message);
      boolean path = end < target.length() && target.charAt(end) == '/';
      rest = path ? target.substring(end) : "/" + target.substring(end);
    }
    int fragment = rest.indexOf('#');
    if (fragment >= 0) {
      rest = rest.substring(0, fragment);
    }
    int question = rest.indexOf('?');
    String path = question < 0 ? rest : rest.substring(0, question);
    if (path.indexOf(';') >= 0) {
      path = withoutParameters(path);
    }
    if (path.contains("://")) {
      path = withoutUserInformation(path, cut);
    }
    path = PathSecrets.redact(path);
    if (path.length() > MAX_PATH) {
      path = path.substring(0, MAX_PATH);
    }
    String route = RouteTemplate.of(path);
    message.resource(route);
    message.attribute("url.path", path);
    message.attribute("http.route", route);
    if (question >= 0) {
      message.attribute(
          "url.query", QueryString.redact(rest, question + 1, redactQuery, MAX_QUERY));
    }
  }

  private static int authorityEnd(String s, int from) {
    int i = from;
    while (i < s.length() && "/?#".indexOf(s.charAt(i)) < 0) {
      i++;
    }
    return i;
  }

  // a gateway's /http://user:password@host/
  private static String withoutUserInformation(String path, boolean cut) {
    int from = path.indexOf("://") + 3;
    int end = authorityEnd(path, from);
    int at = path.lastIndexOf('@', end - 1);
    if (at >= from) {
      return path.substring(0, from) + path.substring(at + 1);
    }
    return cut && end == path.length() ? path.substring(0, from) : path;
  }

  // ;jsessionid=… is a credential
  private static String withoutParameters(String path) {
    StringBuilder out = new StringBuilder(path.length());
    boolean parameter = false;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '/') {
        parameter = false;
      } else if (c == ';') {
        parameter = true;
      }
      if (!parameter) {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** {@code [userinfo@]host[:port]}, of a target or of the field Host. */
  static void host(String authority, Message message) {
    String s = authority.substring(authority.lastIndexOf('@') + 1).trim();
    int colon = s.startsWith("[") ? s.indexOf(':', Math.max(0, s.indexOf(']'))) : s.indexOf(':');
    String host = colon < 0 ? s : s.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (host.isEmpty() || host.length() > MAX_HOST) {
      return;
    }
    message.attribute("server.address", host.toLowerCase(Locale.ROOT));
    String port = colon < 0 ? "" : s.substring(colon + 1);
    if (port.length() <= 5 && port.chars().allMatch(Character::isDigit)) {
      message.attribute("server.port", port);
    }
  }
}
