package io.kymo.captures;

import io.kymo.collector.driver.pcap.CaptureReader;
import io.kymo.collector.driver.pcap.packet.Packet;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kymo decode}. Exit codes: 0 all read and written, 1 not, or not entirely, 2 wrong use. */
@Command(
    name = "kymo decode",
    mixinStandardHelpOptions = true,
    version = "kymo 0.1.0",
    description =
        "Turns captures (pcap and pcapng, also gzipped) into exchanges on standard output, one a line, and says on standard error what became of"
            + " every byte. Needs no server.")
public final class Decode implements Callable<Integer> {
  private static final int MOST_THREADS = 8;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      description = "Captures; - is standard input. Read in the order of their first packets.")
  private List<String> files;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "json",
      description = "json (default; keys are the columns of table requests) or table.")
  private RowWriter.Format format;

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description = "Name of the observed end's node in the rows (default: the first file's name).")
  private String node;

  @Option(
      names = "--boot-id",
      paramLabel = "ID",
      description =
          "Boot id of the host that captured (default: this host's). It distinguishes loopback addresses of different hosts in exchange_id.")
  private String bootId;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that decode, beside the one that reads (default: one a CPU; 0: none).")
  private Integer threads;

  @Spec private CommandSpec spec;

  private final InputStream in;
  private final OutputStream out;
  private final PrintStream messages;

  Decode(InputStream in, OutputStream out, PrintStream messages) {
    this.in = in;
    this.out = out;
    this.messages = messages;
  }

  public static void main(String[] arguments) {
    int exit = run(arguments, System.in, new FileOutputStream(FileDescriptor.out), System.err);
    System.exit(exit);
  }

  /**
   * Runs the command.
   *
   * @return its exit code
   */
  public static int run(
      String[] arguments, InputStream in, OutputStream out, PrintStream messages) {
    CommandLine line = new CommandLine(new Decode(in, out, messages));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setErr(new PrintWriter(messages, true, StandardCharsets.UTF_8));
    return line.execute(arguments);
  }

  @Override
  public Integer call() throws InterruptedException {
    check();
    Output output = new Output(out);
    output.write(format.writer().head());
    int count = threads == null ? defaultThreads() : Math.min(threads, MOST_THREADS);
    CaptureReader reader =
        new CaptureReader(files, in, line -> messages.println("kymo decode: " + line));
    List<Decoder> decoders = new ArrayList<>();
    for (int i = 0; i < Math.max(1, count); i++) {
      decoders.add(decoder(output, i, Math.max(1, count)));
    }
    if (count == 0) {
      alone(reader, decoders.get(0), output);
    } else {
      shared(reader, decoders, output);
    }
    reader.close();
    output.flush();
    if (!output.failure().isEmpty()) {
      messages.println("kymo decode: cannot write: " + output.failure());
      return 1;
    }
    new Summary(reader, decoders).print(messages);
    return reader.unreadable() > 0 ? 1 : 0;
  }

  private void check() {
    if (threads != null && threads < 0) {
      throw wrong("--threads " + threads + ": 0 or more");
    }
    if (node != null && node.isBlank()) {
      throw wrong("--node: the name is empty");
    }
    if (Collections.frequency(files, CaptureReader.STANDARD_INPUT) > 1) {
      throw wrong("- -: standard input can be read only once");
    }
  }

  private ParameterException wrong(String why) {
    return new ParameterException(spec.commandLine(), why);
  }

  private static int defaultThreads() {
    return Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS);
  }

  private Decoder decoder(Output output, int number, int of) {
    Bounds bounds = Bounds.of(Runtime.getRuntime().maxMemory(), of);
    Conversations conversations =
        new Conversations(bounds, nodeName(), bootIdentity(), format.writer(), output);
    return new Decoder(conversations, (long) number << 40, bounds);
  }

  private String nodeName() {
    if (node != null) {
      return node;
    }
    Path name = Path.of(files.get(0)).getFileName();
    return name == null || files.get(0).equals("-") ? "stdin" : name.toString();
  }

  private String bootIdentity() {
    if (bootId != null) {
      return bootId;
    }
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).trim();
    } catch (IOException e) {
      return ""; // not Linux: one host like another
    }
  }

  private static void alone(CaptureReader reader, Decoder decoder, Output output) {
    Packet packet = reader.next();
    for (; packet != null && !output.closed(); packet = reader.next()) {
      if (reader.another()) {
        decoder.finish();
      }
      decoder.packet(packet);
    }
    decoder.finish();
  }

  private static void shared(CaptureReader reader, List<Decoder> decoders, Output output)
      throws InterruptedException {
    Partition[] partitions = new Partition[decoders.size()];
    for (int i = 0; i < partitions.length; i++) {
      partitions[i] = new Partition(decoders.get(i), i);
    }
    Packet packet = reader.next();
    for (; packet != null && !output.closed(); packet = reader.next()) {
      if (reader.another()) {
        for (Partition partition : partitions) {
          partition.finish(false);
        }
      }
      // the high half: the low one chooses the bucket
      partitions[(packet.flowHash() >>> 16) % partitions.length].packet(packet);
    }
    for (Partition partition : partitions) {
      partition.finish(true);
    }
    for (Partition partition : partitions) {
      partition.join();
    }
  }
}
