package io.kymo.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Two hosts on one machine: the network namespaces {@code client} and {@code server}, joined by a
 * veth pair, with IPv4 and IPv6 addresses and loopback up. Servers and clients of the tests run
 * inside; Kymo sees nothing else.
 */
public final class Lab implements AutoCloseable {
  public static final String CLIENT4 = "10.77.0.1";
  public static final String SERVER4 = "10.77.0.2";
  public static final String CLIENT6 = "fd77::1";
  public static final String SERVER6 = "fd77::2";

  public final String client;
  public final String server;
  public final Path work;

  public Lab() {
    long id = ProcessHandle.current().pid();
    client = "kymo-c" + id;
    server = "kymo-s" + id;
    try {
      work = Files.createTempDirectory("kymo-acceptance");
      Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ip("netns", "add", client);
    ip("netns", "add", server);
    ip("link", "add", "kc", "netns", client, "type", "veth", "peer", "name", "ks", "netns", server);
    configure(client, "kc", CLIENT4, CLIENT6);
    configure(server, "ks", SERVER4, SERVER6);
  }

  private static void configure(String ns, String link, String v4, String v6) {
    ip("-n", ns, "link", "set", "lo", "up");
    ip("-n", ns, "addr", "add", v4 + "/24", "dev", link);
    ip("-n", ns, "addr", "add", v6 + "/64", "dev", link, "nodad");
    ip("-n", ns, "link", "set", link, "up");
  }

  private static void ip(String... arguments) {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    Shell.run(command, Map.of(), null).orFail();
  }

  /** The --only filters that confine Kymo to this lab. */
  public List<String> filters() {
    return List.of("netns:/run/netns/" + client, "netns:/run/netns/" + server);
  }

  /**
   * Runs in the client's namespace and returns what it printed, failing on a non-zero exit code.
   */
  public String onClient(String... command) {
    return on(client, command).orFail().output();
  }

  public Shell.Result on(String namespace, String... command) {
    return Shell.run(inside(namespace, command), Map.of(), work);
  }

  public Process startOnServer(String log, String... command) {
    return Shell.start(work.resolve(log + ".log"), inside(server, command));
  }

  public Process startOnClient(String log, String... command) {
    return Shell.start(work.resolve(log + ".log"), inside(client, command));
  }

  public static List<String> inside(String namespace, String... command) {
    List<String> line = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
    line.addAll(List.of(command));
    return line;
  }

  /** A fresh directory that everybody may write: servers drop their privileges. */
  public Path directory(String name) {
    try {
      Path dir = Files.createDirectories(work.resolve(name));
      Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxrwxrwx"));
      return dir;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Shell.run("ip", "netns", "del", client);
    Shell.run("ip", "netns", "del", server);
    Shell.run("rm", "-rf", work.toString());
  }
}
