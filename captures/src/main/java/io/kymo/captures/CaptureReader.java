package io.kymo.captures;

import io.kymo.collector.driver.pcap.file.CaptureFile;
import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;
import io.kymo.collector.driver.pcap.packet.PacketDecoder;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads files one after the other, in the order of their first packets, and gives their packets to
 * a sink. Files that follow each other are one capture, as {@code tcpdump -C} and {@code -G} write
 * them: connections go on from one to the next. One that begins before the other ended is another
 * capture.
 */
final class CaptureReader {
  /** The file that stands for standard input. */
  static final String STANDARD_INPUT = "-";

  private static final int NAMED_TROUBLES = 5;

  /** Takes packets. */
  interface Sink {
    void packet(Packet packet) throws InterruptedException;

    /** Another capture follows. */
    void anotherCapture() throws InterruptedException;

    /** True when nobody wants any more. */
    boolean enough();
  }

  private record Named(String name, long firstNs) {}

  private final InputStream standardInput;
  private final PrintStream messages;
  private final PacketCounters counters = new PacketCounters();
  private final PacketDecoder decoder = new PacketDecoder(counters);
  private final Frame frame = new Frame();
  private long lastNs = Long.MIN_VALUE;
  private long bytes;
  private long passedOver;
  private int unreadable;
  private int troublesOfFile;

  CaptureReader(InputStream standardInput, PrintStream messages) {
    this.standardInput = standardInput;
    this.messages = messages;
  }

  void read(List<String> files, Sink sink) throws InterruptedException {
    for (String file : inOrder(files)) {
      if (sink.enough()) {
        break;
      }
      try {
        read(file, sink);
      } catch (IOException e) {
        unreadable(file, e);
      }
    }
    decoder.finish();
  }

  private void unreadable(String file, IOException e) {
    unreadable++;
    String why =
        e instanceof NoSuchFileException
            ? "no such file"
            : e.getMessage() == null ? e.toString() : e.getMessage();
    messages.println("kymo decode: " + file + ": " + why);
  }

  private List<String> inOrder(List<String> files) {
    if (files.size() < 2) {
      return files;
    }
    List<Named> named = new ArrayList<>();
    for (String file : files) {
      named.add(new Named(file, firstTime(file)));
    }
    named.sort(Comparator.comparingLong(Named::firstNs));
    return named.stream().map(Named::name).toList();
  }

  /** Standard input can be read only once, so it comes last; so does what cannot be read. */
  private static long firstTime(String file) {
    if (file.equals(STANDARD_INPUT)) {
      return Long.MAX_VALUE;
    }
    try (CaptureFile capture = CaptureFile.open(open(file), (offset, count, why) -> {})) {
      Frame first = new Frame();
      return capture.next(first) ? first.timeNs : Long.MAX_VALUE;
    } catch (IOException e) {
      return Long.MAX_VALUE; // named when its turn comes
    }
  }

  private static InputStream open(String file) throws IOException {
    Path path = Path.of(file);
    if (!Files.exists(path)) {
      throw new NoSuchFileException(file);
    }
    if (Files.isDirectory(path)) {
      throw new IOException("is a directory");
    }
    return new FileInputStream(path.toFile());
  }

  private void read(String name, Sink sink) throws IOException, InterruptedException {
    troublesOfFile = 0;
    InputStream in = name.equals(STANDARD_INPUT) ? standardInput : open(name);
    try (CaptureFile file =
        CaptureFile.open(in, (offset, count, why) -> trouble(name, offset, count, why))) {
      boolean first = true;
      try {
        while (file.next(frame)) {
          if (first && frame.timeNs < lastNs) {
            sink.anotherCapture();
          }
          first = false;
          lastNs = Math.max(lastNs, frame.timeNs);
          Packet packet = decoder.decode(frame);
          if (packet != null) {
            sink.packet(packet);
            if ((counters.get(PacketCounter.SEGMENTS) & 0xfff) == 0 && sink.enough()) {
              break;
            }
          }
        }
      } finally {
        bytes += file.offset();
        passedOver += file.passedOverBytes();
        counters.add(PacketCounter.DROPPED_BY_CAPTURE, file.droppedByCapture());
        unreadable += file.troubles() > 0 ? 1 : 0;
      }
      if (troublesOfFile > NAMED_TROUBLES) {
        messages.println(
            "kymo decode: " + name + ": and " + (troublesOfFile - NAMED_TROUBLES) + " more");
      }
    }
  }

  private void trouble(String file, long offset, long count, String why) {
    if (++troublesOfFile <= NAMED_TROUBLES) {
      messages.println(
          "kymo decode: %s: at byte %d: %s (%d bytes passed over)"
              .formatted(file, offset, why, count));
    }
  }

  /** What became of frames. */
  PacketCounters counters() {
    return counters;
  }

  /** Bytes read, of all files. */
  long bytes() {
    return bytes;
  }

  /** Of these, bytes that made no sense. */
  long passedOverBytes() {
    return passedOver;
  }

  /** Files that could not be read, or not entirely. */
  int unreadable() {
    return unreadable;
  }
}
