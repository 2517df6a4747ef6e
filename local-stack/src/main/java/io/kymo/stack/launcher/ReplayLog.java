package io.kymo.stack.launcher;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Which captures were replayed into these data, and as which node: a second time doubles their
 * rows. A file beside the data, one line a capture: what identifies it, node, when.
 */
final class ReplayLog {
  /** Packets carry times to the microsecond: so much of both ends is no other capture's. */
  private static final int COMPARED_BYTES = 1 << 20;

  private final Path file;

  ReplayLog(Path data) {
    file = data.resolve("replayed");
  }

  /** When this capture was replayed as this node; empty: never. */
  Optional<String> before(Path capture, String node) throws IOException {
    String key = key(capture, node);
    return lines().stream()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(key.length()))
        .findFirst();
  }

  /** Notes that it is being replayed now. */
  void add(Path capture, String node) throws IOException {
    List<String> lines = new ArrayList<>(lines());
    lines.add(key(capture, node) + Instant.now().truncatedTo(ChronoUnit.SECONDS));
    Files.write(file, lines);
  }

  /** Takes the newest note back: nothing of it came in, after all. */
  void remove(Path capture, String node) throws IOException {
    String key = key(capture, node);
    List<String> lines = new ArrayList<>(lines());
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (lines.get(i).startsWith(key)) {
        lines.remove(i);
        break;
      }
    }
    Files.write(file, lines);
  }

  private List<String> lines() throws IOException {
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** By content: its size, beginning and end; a file may have been moved. */
  private static String key(Path capture, String node) throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(capture.toFile(), "r")) {
      long size = in.length();
      byte[] part = new byte[(int) Math.min(size, COMPARED_BYTES)];
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      in.readFully(part);
      digest.update(part);
      in.seek(size - part.length);
      in.readFully(part);
      digest.update(part);
      return size + "\t" + HexFormat.of().formatHex(digest.digest()) + "\t" + node + "\t";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
