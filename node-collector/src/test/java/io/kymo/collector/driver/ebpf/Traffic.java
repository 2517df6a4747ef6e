package io.kymo.collector.driver.ebpf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The program bpf/test/traffic.c: makes calls on sockets and says what it did. */
final class Traffic implements AutoCloseable {
  /** Built by make -C bpf, beside the classes. */
  private static final Path PROGRAM =
      Path.of(System.getProperty("kymo.traffic", "target/bpf/traffic"));

  /**
   * One call that moved bytes.
   *
   * @param payload null: the call has sizes only
   * @param peer the other end's port, 0 when not said
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
  record Call(String source, int length, byte[] payload, int peer) {}

  /** What must be told of a socket. */
  record Life(String kind, int error) {}

  final int pid;
  final long netns;
  final Map<String, List<Call>> calls = new LinkedHashMap<>();
  final Map<Long, List<Life>> lives = new LinkedHashMap<>();
  final List<long[]> pairs = new ArrayList<>();
  final List<String> processes = new ArrayList<>();
  final List<String> others = new ArrayList<>();
  private final Process process;
  private final BufferedReader out;

  /** Starts it; it waits for {@link #run}. */
  Traffic(String... arguments) throws IOException {
    if (!Files.isExecutable(PROGRAM)) {
      throw new IllegalStateException(
          PROGRAM.toAbsolutePath() + " is missing: run make -C bpf, or the build through Maven");
    }
    List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
    command.addAll(List.of(arguments));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    out = process.inputReader(StandardCharsets.US_ASCII);
    String[] ready = nextLine().split(" ");
    while (!ready[0].equals("ready")) {
      read(ready);
      ready = nextLine().split(" ");
    }
    pid = Integer.parseInt(ready[1]);
    netns = Long.parseLong(ready[2]);
  }

  /** Key of {@link #calls}: a socket's direction. */
  static String key(long inode, boolean egress) {
    return inode + (egress ? " out" : " in");
  }

  /** Lets it go, and reads what it did until it ends. */
  Traffic run() throws IOException {
    process.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
    for (String line = nextLine(); !line.equals("done"); line = nextLine()) {
      read(line.split(" "));
    }
    awaitEnd();
    return this;
  }

  private void read(String[] words) {
    switch (words[0]) {
      case "data" -> {
        byte[] payload = words[5].equals("-") ? null : HexFormat.of().parseHex(words[5]);
        int peer = words[6].equals("-") ? 0 : Integer.parseInt(words[6]);
        calls
            .computeIfAbsent(words[1] + " " + words[2], k -> new ArrayList<>())
            .add(new Call(words[3], Integer.parseInt(words[4]), payload, peer));
      }
      case "life" ->
          lives
              .computeIfAbsent(Long.parseLong(words[1]), k -> new ArrayList<>())
              .add(new Life(words[2], Integer.parseInt(words[3])));
      case "pair" -> pairs.add(new long[] {Long.parseLong(words[1]), Long.parseLong(words[2])});
      case "process" -> processes.add(words[1] + " " + words[2]);
      default -> others.add(String.join(" ", words));
    }
  }

  private String nextLine() throws IOException {
    String line = out.readLine();
    if (line == null) {
      awaitEnd();
      throw new IllegalStateException(
          "traffic ended with " + process.exitValue() + " before it said what it did");
    }
    return line;
  }

  private void awaitEnd() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
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
