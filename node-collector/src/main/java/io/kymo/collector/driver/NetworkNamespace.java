package io.kymo.collector.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A network namespace, named by a path: a bind mount such as /run/netns/blue, or /proc/1/ns/net.
 */
public final class NetworkNamespace {
  private static final String KIND = "net:[";

  private NetworkNamespace() {}

  /** The inode of the one that this process is in. */
  public static long own() {
    return inode(Path.of("/proc/self/ns/net"));
  }

  /**
   * The inode that names it in the kernel.
   *
   * @throws IllegalArgumentException when the path is none
   */
  public static long inode(Path path) {
    String filter = "filter 'netns:" + path + "': ";
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException(filter + "the path must begin with /");
    }
    try {
      long inode = ((Number) Files.getAttribute(path, "unix:ino")).longValue();
      if (!is(path)) {
        throw new IllegalArgumentException(filter + "is no network namespace");
      }
      return inode;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          filter + "there is no " + path + " (ip netns list names /run/netns/NAME)", e);
    }
  }

  private static boolean is(Path path) throws IOException {
    if (Files.isSymbolicLink(path)) {
      String target = Files.readSymbolicLink(path).toString();
      if (target.matches("\\w+:\\[\\d+]")) {
        return target.startsWith(KIND); // one of a process's namespaces
      }
    }
    String real = path.toRealPath().toString();
    for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
      // proc(5): id, parent, device, root, mount point, …
      String[] fields = line.split(" ", 6);
      if (fields.length == 6 && fields[3].startsWith(KIND) && fields[4].equals(real)) {
        return true;
      }
    }
    return false;
  }
}
