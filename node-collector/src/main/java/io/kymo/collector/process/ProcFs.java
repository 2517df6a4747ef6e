package io.kymo.collector.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads /proc, or a tree that looks like it. Processes vanish at any time: a failed read is an
 * answer ({@code null} or empty), not an error.
 */
public final class ProcFs {
  private final Path root;

  /**
   * @param root "/proc", or a copy for tests
   */
  public ProcFs(Path root) {
    this.root = root;
  }

  /** Content of a file under the root, or null when it cannot be read. */
  public String read(String relative) {
    try {
      return new String(Files.readAllBytes(root.resolve(relative)), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return null;
    }
  }

  /** Target of a symbolic link under the root, or null when it cannot be read. */
  public String link(String relative) {
    try {
      return Files.readSymbolicLink(root.resolve(relative)).toString();
    } catch (IOException e) {
      return null;
    }
  }

  /** Do both lead to one file? False when one of them cannot be followed. */
  boolean sameFile(String one, String other) {
    try {
      return Files.isSameFile(root.resolve(one), root.resolve(other));
    } catch (IOException | InvalidPathException e) {
      return false; // the name is a process's own, of any bytes
    }
  }

  /** Ids of the processes (not threads) that exist now. */
  public List<Integer> pids() {
    return numbers(root);
  }

  /** Open file descriptors of a process; empty when it is gone. */
  public List<Integer> fileDescriptors(int pid) {
    return numbers(root.resolve(pid + "/fd"));
  }

  /** Process id of the parent, 0 when it has none or is gone. */
  public int parent(int pid) {
    String stat = read(pid + "/stat");
    int close = stat == null ? -1 : stat.lastIndexOf(')'); // a comm may hold parentheses
    String[] fields = close < 0 ? new String[0] : stat.substring(close + 1).trim().split(" ", 3);
    return fields.length < 2 ? 0 : Integer.parseInt(fields[1]); // proc(5): field 4
  }

  /** Inode of the process's network namespace, 0 when it is gone. */
  public long networkNamespace(int pid) {
    return inode(link(pid + "/ns/net"), "net:[");
  }

  /** Inode behind a descriptor when it is a socket, else 0. */
  public long socketInode(int pid, int fd) {
    return inode(link(pid + "/fd/" + fd), "socket:[");
  }

  private static long inode(String target, String prefix) {
    if (target == null || !target.startsWith(prefix) || !target.endsWith("]")) {
      return 0;
    }
    return Long.parseUnsignedLong(target, prefix.length(), target.length() - 1, 10);
  }

  private static List<Integer> numbers(Path directory) {
    List<Integer> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (Character.isDigit(name.charAt(0))) {
          found.add(Integer.valueOf(name));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return found;
    }
    return found;
  }
}
