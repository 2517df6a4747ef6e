package io.kymo.collector.driver.ebpf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The program bpf/test/tls.c: talks TLS with itself and says how much. */
final class TlsTraffic implements AutoCloseable {
  /** Built by make -C bpf, beside the classes. */
  private static final Path PROGRAM = Path.of("target/bpf/tls");

  final int pid;

  /** Plaintext bytes by {@link Traffic#key}. */
  final Map<String, Long> sent = new LinkedHashMap<>();

  /** Number of its pair, by a socket's inode. */
  final Map<Long, Integer> pairs = new LinkedHashMap<>();

  private final Process process;
  private final BufferedReader out;

  /** Starts it; it waits for {@link #go}. */
  TlsTraffic(int pairs, int rounds) throws IOException {
    if (!Files.isExecutable(PROGRAM)) {
      throw new IllegalStateException(
          PROGRAM.toAbsolutePath() + " is missing: run make -C bpf, or the build through Maven");
    }
    process =
        new ProcessBuilder(PROGRAM.toString(), "" + pairs, "" + rounds)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    out = process.inputReader(StandardCharsets.US_ASCII);
    String ready = out.readLine();
    if (ready == null) {
      throw new IllegalStateException("tls does not begin");
    }
    pid = Integer.parseInt(ready.split(" ")[1]);
  }

  void go() throws IOException {
    process.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
  }

  boolean runs() {
    return process.isAlive();
  }

  /** Reads what it said, after it has ended. */
  TlsTraffic ended() throws IOException {
    String line = out.readLine();
    for (; line != null && !line.equals("done"); line = out.readLine()) {
      String[] words = line.split(" ");
      if (words[0].equals("pair")) {
        pairs.put(Long.parseLong(words[1]), Integer.parseInt(words[3]));
        pairs.put(Long.parseLong(words[2]), Integer.parseInt(words[3]));
      } else {
        sent.put(words[1] + " " + words[2], Long.parseLong(words[3]));
      }
    }
    if (line == null) {
      throw new IllegalStateException("tls ended before it said what it did");
    }
    return this;
  }

  /** The plaintext's byte at a position. */
  static byte at(int pair, long position) {
    return (byte) (17 * position + position / 256 + 31L * pair);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
