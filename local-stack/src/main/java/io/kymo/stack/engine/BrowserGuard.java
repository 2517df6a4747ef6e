package io.kymo.stack.engine;

import com.sun.net.httpserver.Headers;
import java.net.URI;
import java.util.Set;

/**
 * Keeps web pages of other sites away from a server that asks for no password: browsers send
 * statements to loopback for any page, and with a name that resolves to loopback the page may read
 * the answer.
 */
final class BrowserGuard {
  private static final Set<String> OWN = Set.of("localhost", "127.0.0.1", "[::1]");

  private BrowserGuard() {}

  static boolean foreign(Headers headers) {
    String origin = headers.getFirst("Origin");
    if (origin != null && !isOwn(origin)) {
      return true;
    }
    String agent = headers.getFirst("User-Agent");
    String host = headers.getFirst("Host");
    boolean browser = agent != null && agent.startsWith("Mozilla/");
    return browser && host != null && !isOwn("http://" + host);
  }

  private static boolean isOwn(String url) {
    try {
      String host = URI.create(url).getHost();
      return host != null && OWN.contains(host);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
