package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.pcap.file.CaptureFile;
import io.kymo.collector.driver.pcap.file.Frame;
import io.kymo.collector.driver.pcap.packet.LinkType;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import io.kymo.collector.driver.pcap.packet.PacketCounters;
import io.kymo.collector.driver.pcap.packet.PacketDecoder;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The packets of several files, in the order of the files' first packets. Files that follow each
 * other are one capture, as {@code tcpdump -C} and {@code -G} write them: connections go on from
 * one to the next. One that begins before the other ended is another capture. What cannot be read
 * is named, and the rest read.
 */
public final class CaptureReader implements Closeable {
  /** The file that stands for standard input. */
  public static final String STANDARD_INPUT = "-";

  private static final int NAMED_TROUBLES = 5;

  private record Named(String name, long firstNs) {}

  private final InputStream standardInput;
  private final Consumer<String> messages;
  private final PacketCounters counters = new PacketCounters();
  private final PacketDecoder decoder = new PacketDecoder(counters);
  private final Frame frame = new Frame();
  private final Iterator<String> files;
  private String name = "";
  private CaptureFile file;
  private boolean firstOfFile;
  private boolean another;
  private long lastNs = Long.MIN_VALUE;
  private long bytes;
  private long passedOver;
  private long cut;
  private int unreadable;
  private int troubles;
  private long unknownLinks;
  private final Set<Integer> namedLinks = new HashSet<>(); // of this file

  /**
   * @param standardInput is read for {@link #STANDARD_INPUT}
   * @param messages takes one line for each thing that cannot be read
   */
  public CaptureReader(List<String> files, InputStream standardInput, Consumer<String> messages) {
    this.standardInput = standardInput;
    this.messages = messages;
    this.files = inOrder(files).iterator();
  }

  /** The next packet; null at the end of all files. Valid until the next call. */
  public Packet next() {
    another = false;
    while (file != null || openNext()) {
      try {
        if (!file.next(frame)) {
          close();
          continue;
        }
      } catch (IOException e) {
        unreadable(e);
        close();
        continue;
      }
      another |= firstOfFile && frame.timeNs < lastNs;
      firstOfFile = false;
      lastNs = another ? frame.timeNs : Math.max(lastNs, frame.timeNs);
      cut += frame.captured < frame.length ? 1 : 0;
      Packet packet = decoder.decode(frame);
      if (packet != null) {
        return packet;
      }
      if (counters.get(PacketCounter.UNKNOWN_LINK) != unknownLinks) {
        unknownLink();
      }
    }
    decoder.finish();
    return null;
  }

  /** The packet is of another capture than the one before: all that was open has ended. */
  public boolean another() {
    return another;
  }

  private boolean openNext() {
    while (files.hasNext()) {
      name = files.next();
      troubles = 0;
      namedLinks.clear();
      firstOfFile = true;
      try {
        InputStream in = name.equals(STANDARD_INPUT) ? standardInput : open(name);
        file = CaptureFile.open(in, this::trouble);
        return true;
      } catch (IOException e) {
        unreadable(e);
      }
    }
    return false;
  }

  /** Closes the file that is being read. */
  @Override
  public void close() {
    if (file == null) {
      return;
    }
    bytes += file.offset();
    passedOver += file.passedOverBytes();
    counters.add(PacketCounter.DROPPED_BY_CAPTURE, file.droppedByCapture());
    unreadable += file.troubles() > 0 || !namedLinks.isEmpty() ? 1 : 0;
    if (troubles > NAMED_TROUBLES) {
      messages.accept(name + ": and " + (troubles - NAMED_TROUBLES) + " more");
    }
    try {
      file.close();
    } catch (IOException e) {
      unreadable(e);
    }
    file = null;
  }

  private void unreadable(IOException e) {
    unreadable++;
    String why = e.getMessage() == null ? e.toString() : e.getMessage();
    if (e instanceof FileNotFoundException && why.startsWith(name + " (") && why.endsWith(")")) {
      why = why.substring(name.length() + 2, why.length() - 1);
    }
    messages.accept(name + ": " + (e instanceof NoSuchFileException ? "no such file" : why));
  }

  private void unknownLink() {
    unknownLinks = counters.get(PacketCounter.UNKNOWN_LINK);
    if (namedLinks.size() < NAMED_TROUBLES && namedLinks.add(frame.linkType)) {
      String type = LinkType.describe(frame.linkType);
      messages.accept(name + ": link type " + type + " is not understood: packets are left out");
    }
  }

  private void trouble(long offset, long count, String why) {
    if (++troubles <= NAMED_TROUBLES) {
      messages.accept(
          name + ": at byte " + offset + ": " + why + " (" + count + " bytes passed over)");
    }
  }

  private static List<String> inOrder(List<String> files) {
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

  /** What became of frames. */
  public PacketCounters counters() {
    return counters;
  }

  /** Bytes read, of all files. */
  public long bytes() {
    return bytes;
  }

  /** Of these, bytes that made no sense. */
  public long passedOverBytes() {
    return passedOver;
  }

  /** Packets that were recorded in part only: longer than the snap length. */
  public long cut() {
    return cut;
  }

  /** Files that could not be read, or not entirely. */
  public int unreadable() {
    return unreadable;
  }
}
