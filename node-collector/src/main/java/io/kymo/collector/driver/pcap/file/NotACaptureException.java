package io.kymo.collector.driver.pcap.file;

import java.io.IOException;

/** A file that is neither pcap nor pcapng; the message says what it begins with. */
public final class NotACaptureException extends IOException {
  private static final long serialVersionUID = 1L;

  NotACaptureException(String message) {
    super(message);
  }
}
