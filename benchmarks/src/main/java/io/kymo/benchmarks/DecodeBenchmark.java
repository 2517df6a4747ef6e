package io.kymo.benchmarks;

import io.kymo.acceptance.Lab;
import io.kymo.acceptance.Nginx;
import io.kymo.acceptance.Shell;
import io.kymo.acceptance.Stack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code kymo decode} and tshark on the same capture: nginx under wrk, recorded by tcpdump. tshark
 * prints method, path and code; kymo whole rows. Both write into a file.
 */
final class DecodeBenchmark implements Benchmark {
  private static final long CAPTURE_BYTES = Long.getLong("kymo.bench.capture.bytes", 400L << 20);
  private static final int COPIES = 3;
  private static final int CONNECTIONS = 32;
  private static final int SECONDS = 4;
  private static final int MOST_ROUNDS = 60;

  @Override
  public String name() {
    return "decode";
  }

  @Override
  public String description() {
    return "kymo decode against tshark on the same capture; memory as the capture grows";
  }

  @Override
  public boolean needsStack() {
    return false;
  }

  @Override
  public List<Figure> run(Stack stack) {
    try (Lab lab = new Lab()) {
      Path capture = lab.work.resolve("bench.pcap");
      long requests = record(lab, capture);
      MeasuredProgram tshark = MeasuredProgram.run(lab.work, tshark(capture));
      MeasuredProgram decode = MeasuredProgram.run(lab.work, decode(capture));
      Path[] copies = new Path[COPIES];
      Arrays.fill(copies, capture);
      MeasuredProgram more = MeasuredProgram.run(lab.work, decode(copies));
      double megabytes = Files.size(capture) / 1e6;
      List<Figure> figures = new ArrayList<>();
      figures.add(
          Figure.of(
              name(),
              "rows",
              (double) decode.lines(),
              "rows",
              (double) requests,
              "exchanges decoded from %.0f MB, against the requests that wrk counted"
                  .formatted(megabytes)));
      figures.add(
          Figure.of(
              name(),
              "throughput",
              megabytes / decode.seconds(),
              "MB/s",
              megabytes / tshark.seconds(),
              "all threads, start of the JVM included; against tshark -T fields"));
      figures.add(
          Figure.of(
              name(),
              "CPU",
              megabytes / decode.cpuSeconds(),
              "MB per CPU s",
              megabytes / tshark.cpuSeconds(),
              "start of the JVM included; against tshark -T fields"));
      figures.add(
          Figure.of(
              name(),
              "CPU, further files",
              megabytes * (COPIES - 1) / (more.cpuSeconds() - decode.cpuSeconds()),
              "MB per CPU s",
              megabytes / tshark.cpuSeconds(),
              "what each further capture of this size costs; against tshark -T fields"));
      figures.add(
          Figure.of(
              name(),
              "peak memory",
              more.peakMegabytes(),
              "MB",
              decode.peakMegabytes(),
              COPIES + " times the bytes, against once"));
      figures.add(
          Figure.of(
              name(),
              "peak memory beside tshark",
              decode.peakMegabytes(),
              "MB",
              tshark.peakMegabytes(),
              "against tshark on the same capture"));
      return figures;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns how many requests wrk made. */
  private static long record(Lab lab, Path capture) throws IOException {
    Process tcpdump =
        lab.startOnServer(
            "tcpdump",
            "tcpdump",
            "-i",
            "ks",
            "-s",
            "0",
            "-B",
            "131072",
            "-Z",
            "root",
            "-w",
            "" + capture);
    long requests = 0;
    try (Nginx nginx = new Nginx(lab, 18_071)) {
      Stack.pause(2_000); // until tcpdump listens: it writes the file's head late
      for (int i = 0; i < MOST_ROUNDS && Files.size(capture) < CAPTURE_BYTES; i++) {
        requests += Wrk.run(lab, nginx.url("/index.html"), CONNECTIONS, SECONDS).requests();
      }
      Stack.pause(2_000); // tcpdump's ring is read in turns
    } finally {
      Shell.end(tcpdump);
    }
    return requests;
  }

  private static List<String> tshark(Path capture) {
    return List.of(
        "tshark",
        "-n",
        "-r",
        capture.toString(),
        "-T",
        "fields",
        "-e",
        "http.request.method",
        "-e",
        "http.request.uri",
        "-e",
        "http.response.code");
  }

  private static List<String> decode(Path... captures) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("kymo.root"), "kymo").toString());
    command.add("decode");
    for (Path capture : captures) {
      command.add(capture.toString());
    }
    return command;
  }
}
