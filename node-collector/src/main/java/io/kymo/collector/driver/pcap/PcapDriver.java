package io.kymo.collector.driver.pcap;

import io.kymo.collector.driver.DriverException;
import io.kymo.collector.driver.DriverSettings;
import io.kymo.collector.driver.EventHandler;
import io.kymo.collector.driver.pcap.packet.Packet;
import io.kymo.collector.driver.pcap.packet.PacketCounter;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays files of packets, as fast as their events are taken. Times are those of the packets. Ends
 * by itself.
 */
public final class PcapDriver extends PacketDriver {
  private static final Logger LOG = LoggerFactory.getLogger(PcapDriver.class);

  private static final int NAMED_TROUBLES = 10;

  private final List<String> files;
  private CaptureReader reader;
  private final List<String> troubles = new ArrayList<>();
  private String summary = "";
  private volatile boolean finished;

  /**
   * @param files separated by line feeds
   * @throws DriverException when the scope has filters of which packets show nothing
   */
  PcapDriver(String files, DriverSettings settings) {
    super(settings, "pcap", false);
    this.files = List.of(files.split("\n"));
  }

  @Override
  public String name() {
    return "pcap";
  }

  @Override
  public String describe() {
    return "pcap (" + String.join(", ", files) + ")";
  }

  @Override
  public String watches() {
    return String.join(", ", files);
  }

  @Override
  public void start() {
    for (String file : files) {
      if (!Files.isReadable(Path.of(file))) {
        throw new DriverException(file + " is no file that can be read");
      }
    }
    reader = new CaptureReader(files, InputStream.nullInputStream(), this::trouble);
  }

  @Override
  public int poll(EventHandler handler, int limit) {
    handler(handler);
    long before = handedOn();
    while (!finished && handedOn() - before < limit) {
      Packet packet = reader.next();
      if (packet == null) {
        finish();
        break;
      }
      if (reader.another()) {
        flows.finish();
      }
      packet(packet);
    }
    return (int) (handedOn() - before);
  }

  private void finish() {
    flows.finish();
    finished = true;
    counters.addAll(reader.counters());
    LOG.info("read {} bytes: {}", reader.bytes(), counters);
    summary =
        String.format(
            "%,d packets, %,d segments, %,d bytes of payload",
            counters.get(PacketCounter.PACKETS),
            counters.get(PacketCounter.SEGMENTS),
            counters.get(PacketCounter.PAYLOAD_BYTES));
  }

  private void trouble(String what) {
    LOG.info(what); // it ends with an error that tells it
    if (troubles.size() < NAMED_TROUBLES) {
      troubles.add(what);
    } else if (troubles.size() == NAMED_TROUBLES) {
      troubles.add("and more");
    }
  }

  @Override
  public String summary() {
    return summary;
  }

  @Override
  public String problem() {
    return troubles.isEmpty() ? null : String.join("; ", troubles);
  }

  @Override
  public boolean finished() {
    return finished;
  }

  @Override
  long dropped() {
    return 0;
  }

  @Override
  public boolean canWait() {
    return true;
  }

  @Override
  public long backlogBytes() {
    return 0;
  }

  @Override
  public long capacityBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public void stop() {
    if (!finished) {
      finished = true; // what was not read yet stays unread
    }
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }
}
